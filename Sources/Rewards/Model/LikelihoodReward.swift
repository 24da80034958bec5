import Diagnostics
import Experiment
import JSON
import LanguageModel
import Text

/// `likelihood:DIR?normalize=none|tokens` — Σ log π(y|x) over the response's tokens, in nats, or that per token.
struct LikelihoodReward: EncodingReward {
    enum Normalization: String, CaseIterable { case none, tokens }

    let spec: String
    let reader: SequenceReader
    let normalization: Normalization
    let system: String? = nil

    init(_ spec: RewardSpec, _ reader: SequenceReader, settings: ModelSettings) throws(Diagnostic) {
        var parameters = spec.parameterReader
        normalization = try parameters.choice("normalize", default: Normalization.none)
        try parameters.finish()
        self.spec = spec.description
        self.reader = reader
    }

    var provenance: JSONValue {
        var members = reader.provenance
        members["normalize"] = .string(normalization.rawValue)
        return .object(members)
    }

    func computed(_ encoded: EncodedResponse) -> [Int32] { encoded.tokensThroughResponse }

    func scores(_ groups: [[EncodedResponse]]) async throws(Diagnostic) -> [[ResponseScore]] {
        try await reader.readResponses(groups).map { $0.map(score) }
    }

    private func score(_ reading: TokenReading) -> ResponseScore {
        let divisor = normalization == .tokens ? Double(reading.chosen.count) : 1
        let terms = reading.logProbabilities.map { $0 / divisor }
        return ResponseScore(score: terms.reduce(0, +), perToken: terms)
    }
}
