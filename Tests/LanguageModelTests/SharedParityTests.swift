import Foundation
import JSON
import LanguageModel
import Testing
import Text
import Torch

/// The same numbers on checkpoints that somebody else made, where they lie beside the repository (`../shared`).
@Suite(
    .serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence),
    .enabled(if: SharedCheckpoints.areThere, "../shared/fixtures/checkpoints is not there"))
@TensorActor struct SharedParityTests {
    @Test("Readings are those of the shared fixtures", arguments: SharedCheckpoints.names)
    func texts(name: String) throws {
        let expected = try SharedCheckpoints.expected(name)
        let decoder = try SharedCheckpoints.decoder(name)
        let sequences = try expected.elements("token_ids").map { try JSONValue.object(["ids": $0]).ids("ids") }
        let everyToken = Array(0..<Int32(decoder.configuration.vocabularySize))
        let last = try decoder.read(sequences, .candidates(everyToken)).readings
        let starts = sequences.map { _ in 1 }
        let all = try decoder.read(sequences.map { $0 + [0] }, .tokens(from: starts, temperature: 1)).readings
        let own = try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings
        let logits = try expected.elements("logits_last").map { try JSONValue.object(["v": $0]).numbers("v") }
        let sums = try expected.elements("logsumexp").map { try JSONValue.object(["v": $0]).numbers("v") }
        for index in sequences.indices {
            #expect(try relativeError(#require(last[index].candidates), logits[index]) <= ParityTests.tolerance)
            #expect(try relativeError(#require(all[index].tokens).logSumExp, sums[index]) <= ParityTests.tolerance)
        }
        let likelihoods = try own.map { try #require($0.likelihood) }
        #expect(try relativeError(likelihoods, expected.numbers("logprob_sum")) <= ParityTests.tolerance)
        let greedy = try expected.elements("greedy").map { try JSONValue.object(["ids": $0]).ids("ids") }
        let generated = try decoder.generate(.init(prompts: sequences, maximumTokens: greedy[0].count))
        #expect(generated.map { $0[0].tokens } == greedy)
    }

    @Test("Rewards and likelihoods are those of the shared fixtures", arguments: SharedCheckpoints.names)
    func cases(name: String) throws {
        let cases = try SharedCheckpoints.expected(name).elements("cases")
        let (sequences, starts) = try SharedCheckpoints.sequences(of: cases, name)
        let readings = try SharedCheckpoints.decoder(name)
            .read(sequences, .tokens(from: starts, temperature: 1)).readings
        let likelihoods = try readings.map { try #require($0.likelihood) }
        #expect(try relativeError(likelihoods, cases.map { try $0.number("likelihood") }) <= ParityTests.tolerance)
        guard cases[0]["reward"] != nil else { return }
        let scores = try SharedCheckpoints.decoder(name + "-reward")
            .read(sequences, .head(positions: sequences.map { $0.count - 1 })).readings.compactMap(\.head)
        #expect(try relativeError(scores, cases.map { try $0.number("reward") }) <= ParityTests.tolerance)
    }
}

enum SharedCheckpoints {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/fixtures/checkpoints").path

    static let names: [String] = {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return found.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/expected.json") }.sorted()
    }()

    static var areThere: Bool { !names.isEmpty }

    static func expected(_ name: String) throws -> JSONValue {
        try JSONValue(readingFile: "\(folder)/\(name)/expected.json")
    }

    static func decoder(_ name: String) throws -> Decoder {
        try TorchLibrary.setThreads(1)
        return try Decoder(directory: "\(folder)/\(name)")
    }

    /// Prompts and responses tokenised apart and put together, and where the responses begin.
    static func sequences(of cases: [JSONValue], _ name: String) throws -> ([[Int32]], [Int]) {
        let tokenizer = try Tokenizer(directory: "\(folder)/\(name)")
        var sequences: [[Int32]] = []
        var starts: [Int] = []
        for item in cases {
            let prompt = try tokenizer.encode(#require(item["prompt"]?.stringValue), addSpecialTokens: false).ids
            let response = try tokenizer.encode(#require(item["response"]?.stringValue), addSpecialTokens: false).ids
            sequences.append(prompt + response)
            starts.append(prompt.count)
        }
        return (sequences, starts)
    }
}
