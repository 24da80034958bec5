import Foundation
import JSON
import Ledger
import TestSupport
import Testing

struct VerbTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var pairs: String { Place.fixture("suites/pairs/data") }

    @Test("Scoring writes the same bytes each time, and says on standard error what it did")
    func score() throws {
        try folder.write(rows(5), to: "rows.jsonl")
        for name in ["one.jsonl", "two.jsonl"] {
            let result = try Command.run(
                ["score", "--reward", "rule:length", "--input", "rows.jsonl", "--output", name], in: folder)
            #expect(result.code == 0)
            #expect(result.output == "")
            #expect(result.error.hasPrefix("scored 5 rows in "))
            #expect(result.error.contains("\n  scores: \(name)\n  ledger: assay.sqlite, run "))
        }
        #expect(try folder.bytes("one.jsonl") == folder.bytes("two.jsonl"))
    }

    @Test("--limit scores the first rows, --json prints one object")
    func limit() throws {
        try folder.write(rows(5), to: "rows.jsonl")
        let result = try Command.run(
            [
                "score", "--reward", "rule:length", "--input", "rows.jsonl", "--output", "out.jsonl", "--limit", "2",
                "--json",
            ],
            in: folder)
        let json = try JSONValue(parsing: result.output)
        #expect(json["rows"] == 2)
        #expect(json["rows_failed"] == 0)
        #expect(String(decoding: try folder.bytes("out.jsonl"), as: UTF8.self).split(separator: "\n").count == 2)
    }

    @Test("A bench prints its table, writes it as CSV, and keeps it in the ledger")
    func bench() throws {
        let result = try Command.run(
            [
                "bench", "pairs", "--data", pairs, "--reward", "rule:length?unit=words", "--ties", "half", "--output",
                "t.csv",
            ],
            in: folder)
        #expect(result.code == 0, "\(result.error)")
        #expect(
            result.output.contains(
                "accuracy, overall                 %  95% interval   n  ties  cut  less r1  interval            p\n"
            ))
        #expect(result.output.contains("  r1  rule:length?unit=words  50.00  [33.2, 66.8]  56    56    0\n"))
        #expect(result.output.contains("ties      half, a tie counts one half (asked for; the source's is strict)\n"))
        #expect(
            String(decoding: try folder.bytes("t.csv"), as: UTF8.self).hasPrefix("suite,reward,spec,control,metric,"))
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let run = try #require(try ledger.runs().first)
        #expect(try ledger.results(of: run.id).count == 4 * 3 + 3 * 3)
        #expect(result.output.hasSuffix("ledger    assay.sqlite, run \(run.id)\n"))
    }

    @Test("Two benches print the same but for the run's name")
    func deterministic() throws {
        let arguments = ["bench", "pairs", "--data", pairs, "--reward", "rule:length", "--quiet"]
        let outputs = try (0..<2).map { _ in
            try Command.run(arguments, in: folder).output.split(separator: "\n").filter { !$0.hasPrefix("ledger") }
        }
        #expect(outputs[0] == outputs[1])
    }

    @Test("A bench as JSON is one object on standard output")
    func json() throws {
        let result = try Command.run(
            ["bench", "rewardmath", "--data", Place.fixture("suites/rewardmath/results/plain.json"), "--json"],
            in: folder)
        let json = try JSONValue(parsing: result.output)
        #expect(json["suite"] == "rewardmath")
        #expect(json["rewards"]?.arrayValue?.count == 1)
        #expect(json["seconds_scoring"]?.doubleValue != nil)
        #expect(json["tokens_computed"] == 0)
    }

    @Test("An unknown suite is told with the ones there are")
    func unknownSuite() throws {
        let result = try Command.run(["bench", "pears", "--data", pairs], in: folder)
        #expect(result.code == 64)
        #expect(
            result.error
                == "assay: error: there is no suite 'pears'. The suites are pairs, rewardbench, rewardbench2, rm-bench, rewardmath, judgebench, ppe, llmbar, pandalm, hh, persona, shift.\n"
        )
    }

    @Test("A dry run counts and leaves nothing behind")
    func dryRun() throws {
        let result = try Command.run(
            ["bench", "pairs", "--data", pairs, "--reward", "rule:length", "--dry-run"], in: folder)
        #expect(result.code == 0)
        #expect(result.output.contains("rule:length\n  rows        16, 56 responses\n"))
        #expect(!folder.exists("assay.sqlite"))
    }

    @Test("Rules pass the batching check exactly")
    func verifyBatching() throws {
        let result = try Command.run(
            ["bench", "pairs", "--data", pairs, "--reward", "rule:length", "--verify-batching"], in: folder)
        #expect(result.code == 0)
        #expect(result.output.contains("  batches of 2048 tokens: largest deviation 0\n"))
    }

    @Test("The doctor says what is there", .enabled(if: Command.hasTorch, "needs libtorch"))
    func doctor() throws {
        let result = try Command.run(["doctor", "--json"], in: folder)
        #expect(result.code == 0)
        let json = try JSONValue(parsing: result.output)
        #expect(json["libtorch"]?["version"]?.stringValue != nil)
        #expect((json["probe"]?["float32_tflops"]?.doubleValue ?? 0) > 0)
        #expect((json["probe"]?["copy_bytes_per_second"]?.doubleValue ?? 0) > 0)
        #expect(json["missing"] == [])
    }
}
