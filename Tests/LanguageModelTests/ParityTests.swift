import JSON
import LanguageModel
import Testing
import Text
import Torch

/// Every family's numbers are those of Hugging Face transformers on the same files.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct ParityTests {
    /// DESIGN's bound on max |Δ|, as a share of the field's largest magnitude.
    static let tolerance = 1e-4

    @Test("Texts become the reference's token ids", arguments: CheckpointFixture.languageModels)
    func tokens(name: String) throws {
        let tokenizer = try Tokenizer(directory: CheckpointFixture.path(name))
        for text in try CheckpointFixture.expected(name).elements("texts") {
            let ids = try tokenizer.encode(try #require(text["text"]?.stringValue), addSpecialTokens: false).ids
            #expect(try ids == text.ids("ids"))
        }
    }

    @Test(
        "Logits, log-sum-exps at every position and log-probabilities are the reference's",
        arguments: CheckpointFixture.languageModels)
    func texts(name: String) throws {
        let expected = try CheckpointFixture.expected(name)
        let decoder = try CheckpointFixture.decoder(name)
        let texts = try expected.elements("texts")
        let sequences = try texts.map { try $0.ids("ids") }
        let stride = Int(try expected.number("stride"))
        let some = Array(Swift.stride(from: Int32(0), to: Int32(decoder.configuration.vocabularySize), by: stride))
        let last = try decoder.read(sequences, .candidates(some)).readings
        // A token more, so that the last position is read too.
        let starts = sequences.map { _ in 1 }
        let all = try decoder.read(sequences.map { $0 + [0] }, .tokens(from: starts, temperature: 1)).readings
        let own = try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings
        for (index, text) in texts.enumerated() {
            let logits = try #require(last[index].candidates)
            let sums = try #require(all[index].tokens).logSumExp
            #expect(try relativeError(logits, text.numbers("logits")) <= Self.tolerance)
            #expect(try relativeError(sums, text.numbers("log_sum_exp")) <= Self.tolerance)
            let likelihood = try #require(own[index].likelihood)
            let wanted = try text.number("logprob_sum")
            #expect(likelihood == 0 && wanted == 0 || abs(likelihood - wanted) <= Self.tolerance * abs(wanted))
        }
    }

    @Test("Greedy continuations are the reference's", arguments: CheckpointFixture.languageModels)
    func greedy(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let texts = try CheckpointFixture.expected(name).elements("texts")
        let wanted = try texts.map { try $0.ids("greedy") }
        let request = GenerationRequest(
            prompts: try texts.map { try $0.ids("ids") }, maximumTokens: try #require(wanted.first?.count))
        #expect(try decoder.generate(request).map { $0.map(\.tokens) } == wanted.map { [$0] })
    }

    @Test(
        "Likelihoods and endogenous returns are the reference's, at other discounts and temperatures too",
        arguments: CheckpointFixture.languageModels)
    func cases(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let cases = try CheckpointFixture.expected(name).elements("cases")
        let starts = try cases.map { try $0.ids("prompt_ids").count }
        let sequences = try cases.map { try $0.ids("prompt_ids") + $0.ids("response_ids") }
        let readings = try decoder.read(sequences, .tokens(from: starts, temperature: 1)).readings
        let likelihoods = try readings.map { try #require($0.likelihood) }
        #expect(try relativeError(likelihoods, cases.map { try $0.number("likelihood") }) <= Self.tolerance)
        for variant in try cases[0].elements("returns").indices {
            let wanted = try cases.map { try $0.elements("returns")[variant] }
            let (gamma, alpha) = (try wanted[0].number("gamma"), try wanted[0].number("alpha"))
            let readings = try decoder.read(sequences, .tokens(from: starts, temperature: alpha)).readings
            for (reading, wanted) in zip(readings, wanted) {
                let value = discountedReturn(try #require(reading.tokens), gamma: gamma, alpha: alpha)
                #expect(try abs(value - wanted.number("return")) <= Self.tolerance * wanted.number("terms"))
            }
        }
    }

    /// Σ γ^(h-1) (Q_h - γ V_(h+1)) with V = 0 after the last token; what was read stands over the temperature α.
    private func discountedReturn(
        _ read: (chosen: [Double], logSumExp: [Double]), gamma: Double, alpha: Double
    ) -> Double {
        var (total, discount) = (0.0, 1.0)
        for step in read.chosen.indices {
            let next = step + 1 < read.logSumExp.count ? read.logSumExp[step + 1] : 0
            total += discount * alpha * (read.chosen[step] - gamma * next)
            discount *= gamma
        }
        return total
    }

    @Test("Rewards are the reference's, at the last token and averaged", arguments: CheckpointFixture.rewardModels)
    func rewards(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name)
        let rewards = try CheckpointFixture.expected(name).elements("rewards")
        let sequences = try rewards.map { try $0.ids("ids") }
        let last = try decoder.read(sequences, .head(positions: sequences.map { $0.count - 1 })).readings
        let mean = try decoder.read(sequences, .meanHead).readings
        let (scores, means) = (last.compactMap(\.head), mean.compactMap(\.head))
        #expect(try relativeError(scores, rewards.map { try $0.number("score") }) <= Self.tolerance)
        #expect(try relativeError(means, rewards.map { try $0.number("mean") }) <= Self.tolerance)
    }

    @Test(
        "Plain weights give the reference's numbers as reordered ones do", arguments: CheckpointFixture.languageModels)
    func plainWeights(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name, packingRows: nil)
        for text in try CheckpointFixture.expected(name).elements("texts") {
            let reading = try decoder.read([text.ids("ids") + [0]], .tokens(from: [1], temperature: 1)).readings[0]
            let sums = try #require(reading.tokens).logSumExp
            #expect(try relativeError(sums, text.numbers("log_sum_exp")) <= Self.tolerance)
        }
    }

    /// Half precision is held to the reference's own: the root mean square error against float32 is at most a quarter more
    /// than that of transformers in bfloat16, over all positions of all texts.
    @Test("Bfloat16 is as close to float32 as the reference's bfloat16", arguments: CheckpointFixture.languageModels)
    func halfPrecision(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name, .bfloat16)
        var (own, reference, count) = (0.0, 0.0, 0)
        for text in try CheckpointFixture.expected(name).elements("texts") {
            let reading = try decoder.read([text.ids("ids") + [0]], .tokens(from: [1], temperature: 1)).readings[0]
            let sums = try #require(reading.tokens).logSumExp
            let (exact, half) = (try text.numbers("log_sum_exp"), try text.numbers("half_log_sum_exp"))
            for index in exact.indices {
                own += (sums[index] - exact[index]) * (sums[index] - exact[index])
                reference += (half[index] - exact[index]) * (half[index] - exact[index])
                count += 1
            }
        }
        let (ownError, referenceError) = ((own / Double(count)).squareRoot(), (reference / Double(count)).squareRoot())
        #expect(ownError > 0 && ownError <= 1.25 * referenceError, "\(ownError), reference \(referenceError)")
    }

    @Test("Float16 computes every family", arguments: ["llama-biased", "gemma2", "gpt_neox-sequential"])
    func float16(name: String) throws {
        let decoder = try CheckpointFixture.decoder(name, .float16)
        for text in try CheckpointFixture.expected(name).elements("texts") {
            let reading = try decoder.read([text.ids("ids") + [0]], .tokens(from: [1], temperature: 1)).readings[0]
            #expect(try relativeError(#require(reading.tokens).logSumExp, text.numbers("log_sum_exp")) <= 0.01)
        }
    }
}
