import Diagnostics
import Experiment
import JSON
import LanguageModel
import RealModule
import Text

/// `endogenous:DIR?gamma=1&alpha=1` — a language model's logits read as soft Q-values and decoded by the inverse soft
/// Bellman operator: r_h = Q(s_h, a_h) − γ·V(s_{h+1}), V(s) = α·log Σ_a exp(Q(s, a)/α), V = 0 after the last response
/// token; score = Σ_h γ^(h−1)·r_h.
///
/// The sum telescopes: score = α·Σ_h γ^(h−1)·log π_α(a_h|s_h) + V(s_1), with π_α = softmax(Q/α). At γ = α = 1 it therefore
/// ranks the responses to one prompt exactly as their likelihood does. V(s_1), and every r_h, moves with any constant added
/// to the logits, so neither can be compared across prompts.
struct EndogenousReward: EncodingReward {
    let spec: String
    let reader: SequenceReader
    let gamma: Double
    let alpha: Double
    let system: String?

    init(_ spec: RewardSpec, _ reader: SequenceReader, settings: ModelSettings) throws(Diagnostic) {
        var parameters = spec.parameterReader
        gamma = try parameters.double("gamma", default: 1, in: .closed(0...1))
        alpha = try parameters.double("alpha", default: 1, in: .positive)
        system = try Instruction.read(parameters.text("system"))
        try parameters.finish()
        self.spec = spec.description
        self.reader = reader
    }

    var provenance: JSONValue {
        var members = reader.provenance
        members["gamma"] = .number(gamma)
        members["alpha"] = .number(alpha)
        members["system"] = system.map { .string($0) } ?? .null
        return .object(members)
    }

    func computed(_ encoded: EncodedResponse) -> [Int32] { encoded.tokensThroughResponse }

    func scores(_ groups: [[EncodedResponse]]) async throws(Diagnostic) -> [[ResponseScore]] {
        try await reader.readResponses(groups, temperature: alpha).map { $0.map(score) }
    }

    private func score(_ reading: TokenReading) -> ResponseScore {
        let values = reading.logSumExp.map { alpha * $0 }
        let rewards = reading.chosen.indices.map { step in
            alpha * reading.chosen[step] - (step + 1 < values.count ? gamma * values[step + 1] : 0)
        }
        // The telescoped form loses nothing where the rewards' own sum would cancel.
        let likelihood = reading.logProbabilities.enumerated().reduce(0.0) { sum, term in
            sum + Double.pow(gamma, term.offset) * term.element
        }
        return ResponseScore(score: alpha * likelihood + (values.first ?? 0), perToken: rewards)
    }
}
