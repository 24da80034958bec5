import Diagnostics
import LanguageModel
import Testing
import Torch

/// A score belongs to its sequence, whatever else is computed with it.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct BatchingTests {
    /// DESIGN's bound on what a float32 score may move, as a share of Σ|its terms|.
    static let tolerance = 1e-5

    @Test(
        "A likelihood is the same alone, in a batch, shuffled, and in passes of any size",
        arguments: CheckpointFixture.languageModels)
    func likelihoods(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let (sequences, starts) = try branching()
        let alone = try zip(sequences, starts).map { sequence, start in
            try decoder.read([sequence], .tokens(from: [start], temperature: 1)).readings[0]
        }
        for rowsPerPass in [1, 7, 64, 512] {
            let batch = try decoder.read(
                sequences, .tokens(from: starts, temperature: 1), rowsPerPass: rowsPerPass)
            expectSame(batch.readings, alone, "\(rowsPerPass) rows a pass")
            #expect(batch.tokensComputed == prefixCount(sequences))
        }
        var generator = SplitMix64(state: 3)
        let order = sequences.indices.shuffled(using: &generator)
        let shuffled = try decoder.read(
            order.map { sequences[$0] }, .tokens(from: order.map { starts[$0] }, temperature: 1), rowsPerPass: 16)
        expectSame(shuffled.readings, order.map { alone[$0] }, "shuffled")
        #expect(shuffled.tokensComputed == prefixCount(sequences))
    }

    private func expectSame(_ readings: [SequenceReading], _ alone: [SequenceReading], _ what: String) {
        for (reading, alone) in zip(readings, alone) {
            guard let got = reading.likelihood, let wanted = alone.likelihood, let scale = alone.magnitude else {
                Issue.record("no likelihood")
                continue
            }
            #expect(abs(got - wanted) <= Self.tolerance * scale, "\(what)")
        }
    }

    @Test(
        "A reward is the same alone, in a batch, and in passes of any size", arguments: CheckpointFixture.rewardModels)
    func rewards(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let (sequences, _) = try branching()
        let positions = sequences.map { $0.count - 1 }
        let alone = try zip(sequences, positions).map { sequence, position in
            try #require(decoder.read([sequence], .head(positions: [position])).readings[0].head)
        }
        // The head's terms are of the order of its largest scores.
        let scale = alone.map(\.magnitude).max() ?? 0
        for rowsPerPass in [1, 7, 64, 512] {
            let batch = try decoder.read(sequences, .head(positions: positions), rowsPerPass: rowsPerPass)
            for (got, wanted) in zip(batch.readings.compactMap(\.head), alone) {
                #expect(abs(got - wanted) <= Self.tolerance * scale)
            }
            let means = try decoder.read(sequences, .meanHead, rowsPerPass: rowsPerPass).readings.compactMap(\.head)
            let whole = try decoder.read(sequences, .meanHead).readings.compactMap(\.head)
            #expect(zip(means, whole).allSatisfy { abs($0 - $1) <= Self.tolerance * scale })
        }
    }

    @Test("The same batch gives the same bits again", arguments: [ElementType.float32, .bfloat16])
    func repeats(type: ElementType) throws {
        let (sequences, starts) = try branching()
        for name in ["gemma2", "qwen2", "gpt_neox"] {
            let decoder = try CheckpointFixture.decoder(name, type)
            let again = try CheckpointFixture.decoder(name, type)
            for rowsPerPass in [7, 512] {
                let readout = Readout.tokens(from: starts, temperature: 1)
                let first = try decoder.read(sequences, readout, rowsPerPass: rowsPerPass).readings
                #expect(try decoder.read(sequences, readout, rowsPerPass: rowsPerPass).readings == first)
                #expect(try again.read(sequences, readout, rowsPerPass: rowsPerPass).readings == first)
            }
        }
    }

    @Test("Bfloat16 scores move by at most 1 % of Σ|terms| with the batch")
    func halfPrecision() throws {
        let (sequences, starts) = try branching()
        for name in CheckpointFixture.languageModels {
            let decoder = try CheckpointFixture.decoder(name, .bfloat16)
            let whole = try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings
            for index in sequences.indices {
                let alone = try decoder.read([sequences[index]], .tokens(from: [starts[index]], temperature: 1))
                    .readings[0]
                let moved = try #require(alone.likelihood) - #require(whole[index].likelihood)
                #expect(try abs(moved) <= 0.01 * #require(alone.magnitude))
            }
        }
    }

    @Test("The number of threads moves a score no more than the batch does")
    func threads() throws {
        let decoder = try CheckpointFixture.decoder("qwen2")
        let (sequences, starts) = try branching()
        let one = try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings
        try TorchLibrary.setThreads(2)
        defer { try? TorchLibrary.setThreads(1) }
        #expect(try TorchLibrary.threads() == 2)
        expectSame(try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings, one, "two threads")
    }

    @Test("A sequence longer than the rotary table is read, and what came before is read as before")
    func beyondTheTable() throws {
        let decoder = try CheckpointFixture.decoder("llama")
        let long = (0..<700).map { Int32($0 * 37 % 400) }
        let short = Array(long.prefix(40))
        let before = try decoder.read([short], .tokens(from: [1], temperature: 1)).readings
        let whole = try decoder.read([long], .tokens(from: [1], temperature: 1)).readings[0]
        #expect(try #require(whole.tokens).logSumExp.count == 699)
        #expect(try decoder.read([short], .tokens(from: [1], temperature: 1)).readings == before)
        let inParts = try decoder.read([long], .tokens(from: [1], temperature: 1), rowsPerPass: 64).readings
        expectSame(inParts, [whole], "in parts")
    }

    @Test("A sequence read from its end on has no terms")
    func nothingToRead() throws {
        let decoder = try CheckpointFixture.decoder("llama")
        let batch = try decoder.read([[1, 2, 3], [1, 2, 4]], .tokens(from: [3, 2], temperature: 1))
        #expect(batch.readings[0] == .tokens(chosen: [], logSumExp: []))
        #expect(batch.readings[1].tokens?.chosen.count == 1 && batch.tokensComputed == 4)
        #expect(try decoder.read([], .meanHead).readings.isEmpty)
    }

    @Test("What cannot be read is an error, and leaves no tensor behind")
    func errors() throws {
        let (language, reward) = (try CheckpointFixture.decoder("llama"), try CheckpointFixture.decoder("llama-reward"))
        _ = try language.read([[1, 2]], .tokens(from: [1], temperature: 1))
        let handles = TorchLibrary.liveHandles
        func category(_ decoder: Decoder, _ sequences: [[Int32]], _ readout: Readout) -> Diagnostic.Category? {
            do throws(Diagnostic) {
                _ = try decoder.read(sequences, readout)
                return nil
            } catch {
                return error.category
            }
        }
        #expect(category(language, [[1, 2]], .head(positions: [1])) == .usage)
        #expect(category(language, [[1, 2]], .meanHead) == .usage)
        #expect(category(reward, [[1, 2]], .tokens(from: [1], temperature: 1)) == .usage)
        #expect(category(reward, [[1, 2]], .candidates([1])) == .usage)
        #expect(category(language, [[1, 512]], .tokens(from: [1], temperature: 1)) == .badData)
        #expect(category(language, [[1, -1]], .tokens(from: [1], temperature: 1)) == .badData)
        #expect(category(language, [[1, 2]], .candidates([512])) == .badData)
        #expect(category(reward, [[1, 2]], .head(positions: [2])) == .internalFailure)
        #expect(category(reward, [[1, 2]], .head(positions: [-1])) == .internalFailure)
        #expect(category(language, [[1, 2]], .tokens(from: [0], temperature: 1)) == .internalFailure)
        #expect(category(language, [[1, 2], []], .tokens(from: [1, 1], temperature: 1)) == .internalFailure)
        #expect(category(language, [[]], .candidates([1])) == .internalFailure)
        #expect(category(reward, [[1], [2]], .head(positions: [0])) == .internalFailure)
        #expect(category(language, [[1]], .tokens(from: [1, 1], temperature: 1)) == .internalFailure)
        #expect(TorchLibrary.liveHandles == handles)
    }

    @Test("Scoring and loading leave no tensor behind", arguments: ["gemma2", "gpt_neox", "llama-biased"])
    func handles(name: String) throws {
        let before = TorchLibrary.liveHandles
        do {
            let decoder = try CheckpointFixture.decoder(name)
            let (sequences, starts) = try branching()
            _ = try decoder.read(sequences, .tokens(from: starts, temperature: 1), rowsPerPass: 16)
            let loaded = TorchLibrary.liveHandles
            #expect(loaded > before)
            for rowsPerPass in [7, 512] {
                _ = try decoder.read(sequences, .tokens(from: starts, temperature: 1), rowsPerPass: rowsPerPass)
                _ = try decoder.generate(.init(prompts: sequences, samplesPerPrompt: 2, maximumTokens: 3))
                #expect(TorchLibrary.liveHandles == loaded)
            }
        }
        #expect(TorchLibrary.liveHandles == before)
    }

    private func prefixCount(_ sequences: [[Int32]]) -> Int {
        Set(sequences.flatMap { sequence in (1...sequence.count).map { Array(sequence.prefix($0)) } }).count
    }

    /// Prompts that share beginnings, each with responses that do, with repeats and one within another; and where the
    /// responses begin.
    private func branching() throws -> (sequences: [[Int32]], starts: [Int]) {
        let texts = try CheckpointFixture.sequences()
        var generator = SplitMix64(state: 11)
        var sequences: [[Int32]] = []
        var starts: [Int] = []
        for prompt in [texts[0].prefix(20), texts[0].prefix(33), texts[1].prefix(11), texts[3].prefix(1)] {
            let shared = texts[2].prefix(6)
            for length in [1, 4, 12] {
                let own = (0..<length).map { _ in Int32.random(in: 3..<400, using: &generator) }
                sequences.append(Array(prompt) + shared + own)
                starts.append(prompt.count)
            }
            sequences.append(Array(prompt) + shared)
            starts.append(prompt.count)
        }
        return (sequences + [sequences[0]], starts + [starts[0]])
    }
}
