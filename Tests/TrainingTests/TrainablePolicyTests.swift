import Diagnostics
import Foundation
import JSON
import LanguageModel
import Statistics
import Testing
import Torch

@testable import Training

/// A small decoder of each family, its embeddings drawn large enough that nothing is nearly linear.
@TensorActor
private func decoder(_ family: Family, hasScoreHead: Bool = false) throws -> Decoder {
    let shape = ModelConfiguration.Shape(
        family: family, vocabularySize: 23, width: 16, layers: 2, heads: 4, kvHeads: family == .gptNeoX ? 4 : 2,
        mlpWidth: 24, maximumPositions: 64, hasTiedEmbeddings: family == .gemma2 || family == .qwen2)
    let plain = try Decoder(random: try ModelConfiguration(shape, hasScoreHead: hasScoreHead), seed: 5)
    return try plain.replacingParameters { (name, tensor) throws(Diagnostic) in
        name.contains("embed") || name.contains("lm_head") ? try tensor.scaled(by: 20) : tensor
    }
}

private let batch = TokenSequences(
    [[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [1, 2, 3, 7], [8, 9, 10, 11], [8, 9, 2]], from: [3, 3, 3, 2, 2])
private let limited = TokenSequences(
    batch.sequences, from: batch.starts, grammar: [[2, 4, 7, 10], [3, 5, 6, 9, 11]])

/// Weights for Σ w · log π, different for every token.
private func slopes(_ numbers: [[Double]]) -> [[Double]] {
    numbers.enumerated().map { i, tokens in tokens.indices.map { 0.3 + Double((7 * i + 3 * $0) % 5) / 4 } }
}

private func weighted(_ numbers: [[Double]]) -> Double {
    zip(numbers, slopes(numbers)).reduce(0) { sum, pair in sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 } }
}

@TensorActor
private func numbers(_ decoder: Decoder, _ batch: TokenSequences) throws -> [[Double]] {
    try noGrad { () throws(Diagnostic) in try decoder.tokenLogProbabilities(batch).numbers() }
}

@Suite("A policy that is trained", .serialized)
struct TrainablePolicyTests {
    @Test("the gradient is the objective's derivative in the weights, in every family", arguments: Family.allCases)
    func gradient(family: Family) async throws {
        try await TensorActor.run {
            for batch in [batch, limited] {
                let policy = try TrainablePolicy(try decoder(family))
                try policy.accumulate(batch, parts: [0..<3, 3..<5]) { (_, numbers) in slopes(numbers) }
                let norm = try policy.gradientNorm()
                let direction = try policy.gradients.copied(to: .float32)
                let start = try policy.weights.copied(to: .float32)
                // Along its own direction, the objective changes by the gradient's norm.
                let reach = 2e-3 / norm
                var sides: [Double] = []
                for side in [reach, -reach] {
                    try policy.weights.assign(try start.adding(try direction.scaled(by: side)))
                    sides.append(weighted(try numbers(policy.decoder, batch)))
                }
                // The parts' slopes start anew at sequence 3, as the objective's must here.
                let expected = try partwise(policy, batch, start: start, direction: direction, reach: reach)
                #expect(abs(expected / (norm * norm) - 1) < 1e-2, "\(family): \(expected) and \(norm * norm)")
                #expect(sides[0] != sides[1])
            }
        }
    }

    @Test("a response's last token goes through no layer, and gives the numbers that it gives with more after it")
    func lastTokens() async throws {
        try await TensorActor.run {
            let policy = try TrainablePolicy(try decoder(.qwen2))
            func tokens(_ responses: [[Int32]]) throws -> Int {
                let batch = TokenSequences(prompts: responses.map { _ in [1, 2, 3] }, responses: responses)
                return try policy.accumulate(batch, parts: [0..<batch.count]) { (_, numbers) in slopes(numbers) }
            }
            #expect(try tokens([[4], [5], [6], [7]]) == 3)
            #expect(try tokens([[4, 5], [4, 6], [5]]) == 4)
            #expect(try tokens([[4, 5, 6], [4, 5], []]) == 5)
            let short = try numbers(policy.decoder, TokenSequences([[1, 2, 3, 4, 5]], from: [3]))
            let long = try numbers(policy.decoder, TokenSequences([[1, 2, 3, 4, 5, 6, 7]], from: [3]))
            for (one, other) in zip(short[0], long[0]) { #expect(abs(one - other) < 1e-5) }
        }
    }

    /// The derivative along a direction of the sum over the two parts, by central difference.
    @TensorActor
    private func partwise(
        _ policy: TrainablePolicy, _ batch: TokenSequences, start: Tensor, direction: Tensor, reach: Double
    ) throws -> Double {
        var sides: [Double] = []
        for side in [reach, -reach] {
            try policy.weights.assign(try start.adding(try direction.scaled(by: side)))
            sides.append(
                weighted(try numbers(policy.decoder, batch[0..<3]))
                    + weighted(try numbers(policy.decoder, batch[3..<5])))
        }
        return (sides[0] - sides[1]) / (2 * reach)
    }

    @Test("sequences that share a prefix have the log-probabilities that each has alone", arguments: Family.allCases)
    func sharing(family: Family) async throws {
        try await TensorActor.run {
            let decoder = try decoder(family)
            let together = try numbers(decoder, limited)
            for index in 0..<limited.count {
                let alone = try numbers(decoder, limited[index..<index + 1])[0]
                #expect(zip(together[index], alone).allSatisfy { abs($0 - $1) < 1e-5 })
            }
        }
    }

    @Test("the probabilities of the allowed tokens sum to 1")
    func grammar() async throws {
        try await TensorActor.run {
            let decoder = try decoder(.qwen2)
            let allowed: [Int32] = [2, 4, 7, 10]
            let sequences = TokenSequences(
                allowed.map { [1, 2, 3, $0] }, from: [3, 3, 3, 3], grammar: [allowed])
            let total = try numbers(decoder, sequences).reduce(0) { $0 + exp($1[0]) }
            #expect(abs(total - 1) < 1e-6)
            let rows = try decoder.nextTokenLogProbabilities(after: [[1, 2, 3]], allowed: allowed)[0]
            #expect(abs(rows[7] - (try numbers(decoder, sequences))[2][0]) < 1e-6)
            #expect(rows[5] == -.infinity)
        }
    }

    @Test("a saved policy reads the same after loading, in every family", arguments: Family.allCases)
    func checkpoint(family: Family) async throws {
        let folder = NSTemporaryDirectory() + "assay-checkpoint-\(family.rawValue)-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await TensorActor.run {
            let shape = ModelConfiguration.Shape(
                family: family, vocabularySize: 23, width: 16, layers: 2, heads: 4, kvHeads: family == .gptNeoX ? 4 : 2,
                mlpWidth: 24, maximumPositions: 64, hasTiedEmbeddings: family == .gemma2 || family == .qwen2)
            let decoder = try decoder(family)
            try CheckpointFolder(folder).write(decoder, configuration: shape.json())
            let loaded = try Decoder(directory: folder, options: .init(packingRows: nil))
            #expect(try numbers(loaded, batch) == numbers(decoder, batch))
        }
    }

    @Test("an update moves the weights, and a snapshot brings them back to the bit")
    func snapshot() async throws {
        try await TensorActor.run {
            let policy = try TrainablePolicy(try decoder(.llama))
            let state = try policy.snapshot()
            let before = try policy.weightValues()
            func step() throws {
                try policy.accumulate(batch, parts: [0..<5]) { (_, numbers) in slopes(numbers) }
                try policy.update(.init(learningRate: 0.01))
            }
            try step()
            let once = try policy.weightValues()
            #expect(once != before)
            try policy.restore(state)
            #expect(try policy.weightValues() == before)
            try step()
            #expect(try policy.weightValues() == once)
        }
    }

    @Test("a state written to a file goes on as the policy would have")
    func stateFile() async throws {
        let path = NSTemporaryDirectory() + "assay-state-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await TensorActor.run {
            let policy = try TrainablePolicy(try decoder(.llama))
            func step() throws {
                try policy.accumulate(batch, parts: [0..<5]) { (_, numbers) in slopes(numbers) }
                try policy.update(.init(learningRate: 0.01))
            }
            try step()
            try policy.snapshot().write(to: path)
            try step()
            let whole = try policy.weightValues()
            let other = try TrainablePolicy(try decoder(.llama))
            try other.restore(try PolicyState(readingFrom: path))
            try other.accumulate(batch, parts: [0..<5]) { (_, numbers) in slopes(numbers) }
            try other.update(.init(learningRate: 0.01))
            #expect(try other.weightValues() == whole)
        }
    }

    @Test("adapters change nothing at first, then alone are trained, and merge into the weights")
    func adapters() async throws {
        try await TensorActor.run {
            let base = try decoder(.qwen2)
            let policy = try TrainablePolicy(base, trains: .adapters(rank: 2, alpha: 4, seed: 1))
            let before = try numbers(base, batch)
            #expect(try numbers(policy.decoder, batch) == before)
            for _ in 0..<3 {
                try policy.accumulate(batch, parts: [0..<5]) { (_, numbers) in slopes(numbers) }
                try policy.update(.init(learningRate: 0.01))
            }
            let after = try numbers(policy.decoder, batch)
            #expect(after != before)
            #expect(try numbers(base, batch) == before)
            let merged = try numbers(try policy.decoder.mergingAdapters(), batch)
            #expect(zip(after.joined(), merged.joined()).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test("a score head learns to order pairs")
    func bradleyTerry() async throws {
        try await TensorActor.run {
            let policy = try TrainablePolicy(try decoder(.llama, hasScoreHead: true))
            let pairs: [[Int32]] = [[1, 2, 3], [1, 2, 4], [5, 6, 7], [5, 6, 8]]
            var losses: [Double] = []
            for _ in 0..<30 {
                var loss = 0.0
                try policy.accumulateScores(pairs, parts: [0..<4]) { (_, scores) in
                    let first = PreferenceObjective.bradleyTerry(chosen: scores[0], rejected: scores[1])
                    let second = PreferenceObjective.bradleyTerry(chosen: scores[2], rejected: scores[3])
                    loss = first.loss + second.loss
                    return [first.slope, -first.slope, second.slope, -second.slope]
                }
                losses.append(loss)
                try policy.update(.init(learningRate: 0.01))
            }
            #expect(losses[29] < 0.1 * losses[0])
        }
    }

    @Test("a gradient that is not finite is a divergence, and the weights stay")
    func divergence() async throws {
        try await TensorActor.run {
            let policy = try TrainablePolicy(try decoder(.llama))
            let before = try policy.weightValues()
            try policy.accumulate(batch, parts: [0..<5]) { (_, numbers) in numbers.map { $0.map { _ in .nan } } }
            var found: Diagnostic?
            do { try policy.update(.init(learningRate: 0.01)) } catch let error as Diagnostic { found = error }
            #expect(found.flatMap(Divergence.reason) == "the gradient is not finite")
            #expect(try policy.weightValues() == before)
            #expect(try policy.gradientNorm() == 0)
        }
    }

    @Test("training leaves no tensor behind")
    func handles() async throws {
        try await TensorActor.run {
            @TensorActor func train() throws {
                let policy = try TrainablePolicy(try decoder(.qwen3))
                try policy.accumulate(batch, parts: [0..<3, 3..<5]) { (_, numbers) in slopes(numbers) }
                try policy.update(.init(learningRate: 0.01))
            }
            try train()
            let before = TorchLibrary.liveHandles
            try train()
            #expect(TorchLibrary.liveHandles == before)
        }
    }

    @Test("mixed precision has float32's gradient but for rounding")
    func mixedPrecision() async throws {
        try await TensorActor.run {
            var norms: [Double] = []
            for type in [ElementType.float32, .bfloat16] {
                let policy = try TrainablePolicy(try decoder(.qwen2), computeType: type)
                try policy.accumulate(batch, parts: [0..<5]) { (_, numbers) in slopes(numbers) }
                norms.append(try policy.gradientNorm())
            }
            #expect(abs(norms[1] / norms[0] - 1) < 0.05)
        }
    }
}
