import Diagnostics
import Foundation
import JSON
import Ledger
import Rewards
import Suites
import TestSupport
import Testing
import Torch

@testable import Benching

/// Runs with the example's checkpoints.
@Suite(.enabled(if: Place.hasTorch, "needs libtorch"), .serialized)
struct ModelRunTests {
    private let folder: TemporaryFolder
    private let example: ExampleFiles

    init() async throws {
        folder = try TemporaryFolder()
        example = ExampleFiles(folder: folder.file("example"), seed: 3, rows: 24)
        try await example.write()
    }

    private func request(_ reward: String) throws -> ScoringRequest {
        var request = ScoringRequest(
            reward: try RewardSpec(parsing: reward), input: example.benchmark, output: folder.file("out.jsonl"))
        request.options.ledgerPath = folder.file("ledger.sqlite")
        request.options.isQuiet = true
        request.options.batchTokens = 400
        request.options.threads = 1
        return request
    }

    @Test("The same seed makes the same example, another seed another")
    func example() async throws {
        for (name, seed) in [("again", UInt64(3)), ("other", 4)] {
            let copy = ExampleFiles(folder: folder.file(name), seed: seed, rows: 24)
            try await copy.write()
            for file in ["pairs.jsonl", "reward-model/model.safetensors", "language-model/model.safetensors"] {
                #expect(try (folder.bytes("\(name)/\(file)") == folder.bytes("example/\(file)")) == (seed == 3))
            }
        }
        #expect(await diagnostic { try await example.write() }?.message == "an example is there already")
    }

    @Test("A run with a model is cut anywhere and resumed to the same bytes", arguments: ["explicit:", "endogenous:"])
    func resumes(kind: String) async throws {
        let model = kind == "explicit:" ? example.rewardModel : example.languageModel
        let asked = try request(kind + model)
        let summary = try await ScoringRun(asked).run()
        let whole = try folder.bytes("out.jsonl")
        #expect(summary.tokensComputed > 24 * 60)
        var resumed = asked
        resumed.options.resumes = true
        for length in [0, 1, whole.count / 3, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: URL(filePath: folder.file("out.jsonl")))
            _ = try await ScoringRun(resumed).run()
            #expect(try folder.bytes("out.jsonl") == whole, "cut at \(length)")
        }
        var other = resumed
        other.options.threads = 2
        let error = await diagnostic { _ = try await ScoringRun(other).run() }
        #expect(error?.message.contains("threads (1 then, 2 now)") == true)
    }

    @Test("The record names checkpoint files by digest, template, maximum length, dtype and threads")
    func provenance() async throws {
        let summary = try await ScoringRun(request("explicit:" + example.rewardModel)).run()
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        let description = try #require(try ledger.run(RunID(rawValue: summary.run))).description
        let files = try #require(description.settings["files"]?[example.rewardModel]?.objectValue)
        #expect(
            files.keys.sorted() == [
                "chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
            ])
        #expect(files["model.safetensors"]?.stringValue?.count == 64)
        #expect(description.settings["threads"] == 1)
        #expect(description.settings["dtype"] == "as saved")
        #expect(description.provenance["reward"]?["provenance"]?["dtype"] == "float32")
        #expect(description.provenance["reward"]?["provenance"]?["maximum_length"] == 1024)
        #expect(description.machine["cores"]?.intValue ?? 0 > 0)
        #expect(try description.machine["libtorch"]?.stringValue == TorchLibrary.version())
    }

    @Test("Rewards per token sum to the score")
    func perToken() async throws {
        var asked = try request("endogenous:" + example.languageModel)
        asked.options.model.wantsPerToken = true
        _ = try await ScoringRun(asked).run()
        let line = try #require(String(decoding: folder.bytes("out.jsonl"), as: UTF8.self).split(separator: "\n").first)
        let value = try JSONValue(parsing: String(line))
        let sum = try #require(value["per_token"]?.arrayValue?.first?.arrayValue).compactMap(\.doubleValue).reduce(0, +)
        let score = try #require(value["scores"]?.arrayValue?.first?.doubleValue)
        #expect(abs(sum - score) < 1e-9 * abs(score))
    }

    @Test(
        "Scores do not depend on batching, to the tolerance",
        arguments: ["explicit", "endogenous", "likelihood", "implicit"])
    func batching(kind: String) async throws {
        let spec =
            kind == "explicit"
            ? "explicit:\(example.rewardModel)"
            : "\(kind):\(example.languageModel)" + (kind == "implicit" ? "?reference=none" : "")
        for type in [nil, ElementType.bfloat16] {
            var asked = try request(spec)
            if let type { asked.options.model.elementType = type }
            let check = try await ScoringRun(asked).verifyBatching()
            #expect(check.failure == nil, "\(check.text)")
            #expect(check.parts[0].rows == 24)
        }
    }

    @Test("A forecast counts tokens, estimates memory and probes time")
    func forecast() async throws {
        let forecast = try await ScoringRun(request("explicit:" + example.rewardModel)).forecast()
        let part = forecast.parts[0]
        #expect(part.rows == 24)
        #expect(part.responses == 48)
        #expect(part.tokensComputed < part.tokens)
        #expect(part.probe.map { $0.tokens > 0 && $0.seconds > 0 } == true)
        #expect((part.memory?.weights ?? 0) > 300_000)
        #expect((forecast.seconds ?? 0) > 0)
        #expect(!FileManager.default.fileExists(atPath: folder.file("ledger.sqlite")))
    }

    @Test("A bench of two models computes each row once, and its numbers come from the ledger on resuming")
    func bench() async throws {
        var asked = BenchRequest(
            suite: .pairs, data: example.benchmark,
            rewards: [
                try RewardSpec(parsing: "explicit:\(example.rewardModel)"),
                try RewardSpec(parsing: "likelihood:\(example.languageModel)"),
            ])
        asked.options.ledgerPath = folder.file("ledger.sqlite")
        asked.options.isQuiet = true
        let report = try await BenchRun(asked).run()
        let scored = try await ScoringRun(request("explicit:" + example.rewardModel)).run()
        #expect(report.entries[0].tokensComputed == scored.tokensComputed)
        asked.options.resumes = true
        let again = try await BenchRun(asked).run()
        #expect(again.entries.map(\.tokensComputed) == [0, 0, 0, 0, 0])
        #expect(again.entries.map(\.result.rows) == report.entries.map(\.result.rows))
    }
}
