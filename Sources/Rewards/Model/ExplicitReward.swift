import Diagnostics
import Experiment
import JSON
import LanguageModel
import Text

/// `explicit:DIR?pool=last|mean|hf` — a sequence classifier's linear head on a final hidden state.
struct ExplicitReward: EncodingReward {
    enum Pool: String, CaseIterable {
        /// The last rendered token.
        case last
        /// The mean over all rendered tokens.
        case mean
        /// The last token that is not padding, as Hugging Face counts it: other than `last` where the padding token is
        /// also what the rendering ends in.
        case hf
    }

    let spec: String
    let reader: SequenceReader
    let pool: Pool
    let system: String? = nil

    init(_ spec: RewardSpec, _ reader: SequenceReader, settings: ModelSettings) throws(Diagnostic) {
        var parameters = spec.parameterReader
        pool = try parameters.choice("pool", default: Pool.last)
        try parameters.finish()
        self.spec = spec.description
        self.reader = reader
    }

    var provenance: JSONValue {
        var members = reader.provenance
        members["pool"] = .string(pool.rawValue)
        return .object(members)
    }

    func computed(_ encoded: EncodedResponse) -> [Int32] { encoded.tokens }

    func scores(_ groups: [[EncodedResponse]]) async throws(Diagnostic) -> [[ResponseScore]] {
        let readout: Readout =
            pool == .mean ? .meanHead : .head(positions: groups.flatMap(\.self).map { position($0.tokens) })
        return try await reader.read(groups.map { $0.map(\.tokens) }, readout).map { group in
            group.map { reading in
                guard case .head(let score) = reading else { return ResponseScore(score: .nan) }
                return ResponseScore(score: score)
            }
        }
    }

    private func position(_ tokens: [Int32]) -> Int {
        guard pool == .hf, let pad = reader.checkpoint.configuration.padToken else { return tokens.count - 1 }
        return tokens.lastIndex { $0 != pad } ?? 0
    }
}
