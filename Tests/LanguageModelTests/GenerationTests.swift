import Diagnostics
import Foundation
import LanguageModel
import Testing
import Torch

@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct GenerationTests {
    @Test(
        "Greedy continuations are those of reading the whole text anew at every step",
        arguments: CheckpointFixture.languageModels)
    func greedy(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let prompts = try prompts()
        let generated = try decoder.generate(.init(prompts: prompts, samplesPerPrompt: 2, maximumTokens: 10))
        for (prompt, samples) in zip(prompts, generated) {
            var sequence = prompt
            for _ in 0..<10 { sequence.append(try argmax(logits(decoder, sequence))) }
            #expect(samples.map(\.tokens) == Array(repeating: Array(sequence.dropFirst(prompt.count)), count: 2))
            #expect(samples.allSatisfy { !$0.hasEnded && $0.logProbabilities.isEmpty })
        }
    }

    @Test(
        "Log-probabilities are those of a scoring pass over the finished text",
        arguments: ["gemma2", "mistral", "gpt_neox"])
    func logProbabilities(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let request = GenerationRequest(
            prompts: try prompts(), samplesPerPrompt: 3, maximumTokens: 8, sampling: .init(temperature: 1.3, seed: 5),
            wantsLogProbabilities: true)
        for (prompt, samples) in zip(request.prompts, try decoder.generate(request, rowsPerPass: 16)) {
            for sample in samples {
                let read = try decoder.read([prompt + sample.tokens], .tokens(from: [prompt.count], temperature: 1))
                let tokens = try #require(read.readings[0].tokens)
                for (step, logProbability) in sample.logProbabilities.enumerated() {
                    let wanted = tokens.chosen[step] - tokens.logSumExp[step]
                    let scale = tokens.chosen[step].magnitude + tokens.logSumExp[step].magnitude
                    #expect(abs(logProbability - wanted) <= 1e-5 * scale)
                }
                #expect(sample.logProbabilities.count == 8)
            }
        }
    }

    @Test("Samples repeat with the seed and differ among items and seeds")
    func seeds() throws {
        let decoder = try CheckpointFixture.decoder("llama")
        func sample(_ seed: UInt64) throws -> [[[Int32]]] {
            let request = GenerationRequest(
                prompts: try prompts(), samplesPerPrompt: 4, maximumTokens: 12, sampling: .init(seed: seed))
            return try decoder.generate(request).map { $0.map(\.tokens) }
        }
        let first = try sample(1)
        #expect(try sample(1) == first)
        #expect(try sample(2) != first)
        for samples in first { #expect(Set(samples).count == 4) }
    }

    /// What holds: a sample's draws are keyed by (seed, step, prompt index · samples + sample), so prompts after it, the
    /// size of passes and whether others have ended change nothing; the prompts before it and the number of samples do.
    @Test("A sample depends on the seed, its number and its prompt, not on what is generated beside it")
    func composition() throws {
        let decoder = try CheckpointFixture.decoder("qwen2")
        let prompts = try prompts()
        func sample(_ prompts: [[Int32]], ends: Set<Int32> = [], rowsPerPass: Int = 512) throws -> [[Generation]] {
            let request = GenerationRequest(
                prompts: prompts, samplesPerPrompt: 3, maximumTokens: 10, endTokens: ends, sampling: .init(seed: 9))
            return try decoder.generate(request, rowsPerPass: rowsPerPass)
        }
        let whole = try sample(prompts)
        for count in 1..<prompts.count {
            #expect(try sample(Array(prompts.prefix(count))) == Array(whole.prefix(count)))
        }
        #expect(try sample(prompts, rowsPerPass: 5) == whole)
        let end = whole[0][0].tokens[2]
        for (early, full) in zip(try sample(prompts, ends: [end]).joined(), whole.joined()) {
            let length = (full.tokens.firstIndex(of: end) ?? full.tokens.count - 1) + 1
            #expect(early.tokens == Array(full.tokens.prefix(length)))
            #expect(early.hasEnded == full.tokens.contains(end))
        }
    }

    @Test("An end token ends a sample and belongs to it")
    func ends() throws {
        let decoder = try CheckpointFixture.decoder("mistral")
        let prompts = try prompts()
        let free = try decoder.generate(.init(prompts: prompts, maximumTokens: 6)).map { $0[0].tokens }
        let ended = try decoder.generate(.init(prompts: prompts, maximumTokens: 6, endTokens: [free[0][1]]))
        let length = try #require(free[0].firstIndex(of: free[0][1])) + 1
        #expect(ended[0][0].tokens == Array(free[0].prefix(length)) && ended[0][0].hasEnded)
        let all = Set((0..<Int32(512)))
        let one = try decoder.generate(.init(prompts: prompts, samplesPerPrompt: 2, maximumTokens: 6, endTokens: all))
        #expect(one.joined().allSatisfy { $0.tokens.count == 1 && $0.hasEnded })
    }

    @Test("No prompts, no samples and no tokens are no error")
    func nothing() throws {
        let decoder = try CheckpointFixture.decoder("llama")
        #expect(try decoder.generate(.init(prompts: [], maximumTokens: 4)).isEmpty)
        #expect(try decoder.generate(.init(prompts: [[1]], samplesPerPrompt: 0, maximumTokens: 4)) == [[]])
        #expect(try decoder.generate(.init(prompts: [[1]], maximumTokens: 0))[0][0].tokens.isEmpty)
    }

    @Test("What cannot be generated from is an error")
    func errors() throws {
        let (language, reward) = (try CheckpointFixture.decoder("llama"), try CheckpointFixture.decoder("llama-reward"))
        func category(_ decoder: Decoder, _ prompts: [[Int32]]) -> Diagnostic.Category? {
            do throws(Diagnostic) {
                _ = try decoder.generate(.init(prompts: prompts, maximumTokens: 2))
                return nil
            } catch {
                return error.category
            }
        }
        #expect(category(reward, [[1]]) == .usage)
        #expect(category(language, [[1], [600]]) == .badData)
        #expect(category(language, [[1], []]) == .internalFailure)
    }

    @Test("Truncated sampling stays within the most likely tokens")
    func truncation() throws {
        let decoder = try CheckpointFixture.decoder("llama")
        let prompts = try prompts()
        let greedy = try decoder.generate(.init(prompts: prompts, maximumTokens: 5)).map { $0.map(\.tokens) }
        for sampling in [Sampling(topK: 1, seed: 1), Sampling(topP: 0, seed: 1), Sampling(temperature: 0)] {
            let request = GenerationRequest(prompts: prompts, maximumTokens: 5, sampling: sampling)
            #expect(try decoder.generate(request).map { $0.map(\.tokens) } == greedy)
        }
        let request = GenerationRequest(
            prompts: prompts, samplesPerPrompt: 3, maximumTokens: 5, sampling: .init(topK: 3, seed: 2))
        for (prompt, samples) in zip(prompts, try decoder.generate(request)) {
            for sample in samples {
                for (step, token) in sample.tokens.enumerated() {
                    let logits = try logits(decoder, prompt + sample.tokens.prefix(step))
                    #expect(logits.count { $0 > logits[Int(token)] } < 3)
                }
            }
        }
    }

    /// Pearson's statistic over the tokens expected at least five times, the rest pooled, is at most five standard
    /// deviations of its χ² above its mean.
    @Test("Samples of one step are drawn from the softmax at the temperature")
    func frequencies() throws {
        let decoder = try CheckpointFixture.decoder("qwen3")
        let prompt = try CheckpointFixture.sequences()[1]
        let (count, temperature) = (4000, 1.5)
        let request = GenerationRequest(
            prompts: [prompt], samplesPerPrompt: count, maximumTokens: 1,
            sampling: .init(temperature: temperature, seed: 3))
        var observed = [Double](repeating: 0, count: 512)
        for sample in try decoder.generate(request)[0] { observed[Int(sample.tokens[0])] += 1 }
        let weights = try logits(decoder, prompt).map { exp($0 / temperature) }
        let total = weights.reduce(0, +)
        var (statistic, cells, restObserved, restExpected) = (0.0, 0, 0.0, 0.0)
        for token in 0..<512 {
            let expected = Double(count) * weights[token] / total
            if expected >= 5 {
                statistic += (observed[token] - expected) * (observed[token] - expected) / expected
                cells += 1
            } else {
                restObserved += observed[token]
                restExpected += expected
            }
        }
        statistic += (restObserved - restExpected) * (restObserved - restExpected) / max(restExpected, 1e-300)
        let freedom = Double(cells)
        #expect(cells >= 5 && statistic <= freedom + 5 * (2 * freedom).squareRoot(), "\(statistic) over \(cells)")
    }

    private func prompts() throws -> [[Int32]] {
        let texts = try CheckpointFixture.sequences()
        return [Array(texts[0].prefix(12)), Array(texts[0].prefix(9)), texts[1], texts[3], Array(texts[0].prefix(12))]
    }

    private func logits(_ decoder: Decoder, _ sequence: [Int32]) throws -> [Double] {
        try #require(decoder.read([sequence], .candidates(Array(0..<512))).readings[0].candidates)
    }

    private func argmax(_ logits: [Double]) throws -> Int32 {
        Int32(try #require(logits.indices.max { logits[$0] < logits[$1] }))
    }
}
