import Diagnostics
import Experiment
import JSON
import LanguageModel
import Text

/// `implicit:DIR?reference=DIR2&beta=0.01` — β·(log π(y|x) − log π_ref(y|x)) over the response's tokens (Rafailov et al.
/// 2023, equation 5, up to a term of the prompt alone).
struct ImplicitReward: EncodingReward {
    let spec: String
    let reader: SequenceReader
    /// `nil`: log π_ref is left out.
    let reference: SequenceReader?
    let beta: Double
    let system: String?

    init(
        _ spec: RewardSpec, _ reader: SequenceReader, reference: SequenceReader?, settings: ModelSettings
    ) throws(Diagnostic) {
        var parameters = spec.parameterReader
        _ = parameters.text("reference")
        beta = try parameters.double("beta", default: 0.01, in: .positive)
        system = try Instruction.read(parameters.text("system"))
        try parameters.finish()
        self.spec = spec.description
        self.reader = reader
        self.reference = reference
        if let reference { try Self.checkTokenizers(reader, reference) }
    }

    /// Policy and reference must read the same tokens, else their difference means nothing.
    private static func checkTokenizers(_ policy: SequenceReader, _ reference: SequenceReader) throws(Diagnostic) {
        let (ours, theirs) = (policy.checkpoint.encoder.tokenizer, reference.checkpoint.encoder.tokenizer)
        let size = max(ours.vocabularySize, theirs.vocabularySize)
        let areAlike = (0..<Int32(size)).allSatisfy { id in
            ours.token(of: id)?.utf8.elementsEqual(theirs.token(of: id)?.utf8 ?? "".utf8)
                ?? (theirs.token(of: id) == nil)
        }
        guard areAlike else {
            throw Diagnostic(
                .usage, "policy and reference have different tokenizers",
                at: .init(file: reference.checkpoint.directory),
                remedy: "Name the checkpoint from which the policy was trained as its reference")
        }
    }

    var provenance: JSONValue {
        var members = reader.provenance
        members["beta"] = .number(beta)
        members["reference"] = reference.map { .object($0.provenance) } ?? .null
        members["system"] = system.map { .string($0) } ?? .null
        return .object(members)
    }

    func computed(_ encoded: EncodedResponse) -> [Int32] { encoded.tokensThroughResponse }

    func scores(_ groups: [[EncodedResponse]]) async throws(Diagnostic) -> [[ResponseScore]] {
        let policy = try await reader.readResponses(groups)
        guard let reference else { return policy.map { $0.map { score($0.logProbabilities) } } }
        let other = try await reference.readResponses(groups)
        return zip(policy, other).map { pair in
            zip(pair.0, pair.1).map { ours, theirs in
                score(zip(ours.logProbabilities, theirs.logProbabilities).map { $0 - $1 })
            }
        }
    }

    private func score(_ logRatios: [Double]) -> ResponseScore {
        let terms = logRatios.map { beta * $0 }
        return ResponseScore(score: terms.reduce(0, +), perToken: terms)
    }
}
