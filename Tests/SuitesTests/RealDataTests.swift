import Diagnostics
import Experiment
import JSON
import Statistics
import Suites
import Testing

@Suite("The real suites, scored by length, against numpy", .enabled(if: Place.hasShared, "needs ../shared"))
struct RealDataTests {
    private static let expected = try? JSONValue(readingFile: Place.fixture("real.json"))

    private static let paths: [(Suite, String)] = [
        (.llmBar, "llmbar"), (.pandaLM, "pandalm"), (.hh, "hh-rlhf"), (.persona, "persona"),
        (.shift, "ultrafeedback-shift"),
    ]

    @Test("Counts, ties, prompts and accuracy of each subset are right", arguments: paths)
    func accuracy(suite: Suite, folder: String) throws {
        let loaded = try suite.load(path: Place.shared("data/\(folder)"))
        try check(loaded, suite.rawValue)
    }

    @Test("Pairs that repeat a prompt are clustered by it", arguments: ["pairs-test", "pairs-train"])
    func pairs(name: String) throws {
        let loaded = try Suite.pairs.load(path: Place.shared("data/rewardmath/\(name).jsonl"))
        let line = try #require(Self.expected?["pairs"]?[name])
        let row = try #require(loaded.evaluate(loaded.lengthScores).row("accuracy", name))
        check(row, line, "strict")
    }

    private func check(_ loaded: LoadedSuite, _ name: String) throws {
        let tables = try #require(Self.expected?[name]?.objectValue)
        for ties in [TiePolicy.strict, .half] {
            let result = try loaded.evaluate(loaded.lengthScores, EvaluationOptions(ties: ties, replicates: 100))
            for (subset, line) in tables where line["n"] != nil {
                check(try #require(result.row("accuracy", subset), "\(subset)"), line, ties.rawValue)
            }
        }
    }

    private func check(_ row: SuiteRow, _ line: JSONValue, _ ties: String) {
        #expect(row.estimate.n == line["n"]?.intValue)
        #expect(row.items == line["n"]?.intValue)
        #expect(row.ties == line["ties"]?.intValue)
        #expect(row.estimate.clusters == line["clusters"]?.intValue)
        #expect(abs(row.estimate.point - (line[ties]?.doubleValue ?? .nan)) < 1e-12)
    }

    @Test("Rows that a rule leaves out are counted by reason")
    func excluded() throws {
        let pandaLM = try Suite.pandaLM.load(path: Place.shared("data/pandalm"))
        let counts = try #require(Self.expected?["pandalm"]?["excluded"])
        func count(_ loaded: LoadedSuite, _ word: String) -> Int? {
            loaded.excluded.first { $0.reason.contains(word) }?.count
        }
        #expect(count(pandaLM, "tie") == 105)
        #expect(count(pandaLM, "boolean") == counts["boolean"]?.intValue)
        #expect(count(pandaLM, "empty") == counts["empty"]?.intValue)
        #expect(pandaLM.items.count + pandaLM.excluded.reduce(0) { $0 + $1.count } == 999)
        let hh = try Suite.hh.load(path: Place.shared("data/hh-rlhf/harmless-base-test.jsonl.gz"))
        #expect(hh.items.count == 2308)
        #expect(count(hh, "empty") == 4)
    }

    @Test("Shifted files give the paired drop and both margins, and share the originals that are scored once")
    func shift() throws {
        let loaded = try Suite.shift.load(path: Place.shared("data/ultrafeedback-shift"))
        // 200 originals of the test files, 200 of the training files, and three shifted forms of each.
        #expect(loaded.items.count == 8 * 200)
        let result = try loaded.evaluate(loaded.lengthScores, EvaluationOptions(replicates: 100))
        #expect(result.ties == .half)
        for (name, line) in try #require(Self.expected?["shift"]?["margins"]?.objectValue) {
            let plain = try #require(result.row("margin / sd (plain)", name))
            let within = try #require(result.row("margin / sd (within prompt)", name))
            #expect(abs(plain.estimate.point - (line["plain"]?.doubleValue ?? .nan)) < 1e-10)
            #expect(abs(within.estimate.point - (line["within"]?.doubleValue ?? .nan)) < 1e-10)
            let drop = result.row("accuracy drop", name)?.estimate.point
            #expect((drop == nil) == (line["drop"] == nil))
            if let drop, let expected = line["drop"]?.doubleValue { #expect(abs(drop - expected) < 1e-12) }
        }
    }
}
