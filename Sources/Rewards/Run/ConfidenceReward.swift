import Diagnostics
import Experiment
import JSON

/// `confidence`: the mean log-probability a token, in nats, under the policy that sampled the response (or, with `normalize=none`,
/// the sum).
public struct ConfidenceReward: ModelFreeReward {
    /// What the log-probability is divided by.
    enum Normalization: String, CaseIterable { case none, tokens }

    public let spec: String
    private let normalization: Normalization

    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        normalization = try parameters.choice("normalize", default: .tokens)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "confidence", "normalize": .string(normalization.rawValue)] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        var scores: [Double] = []
        for response in try group.sampled(for: spec).responses {
            let count = response.logProbabilities.count
            guard count > 0, count == response.tokens.count else {
                throw Diagnostic(
                    .badData,
                    "a response to '\(group.id)' was not sampled, so the policy's confidence in it is not known",
                    at: .init(field: "reward '\(RewardSpec.excerpt(of: spec))'"),
                    remedy: "Use likelihood:DIR for responses that come from elsewhere")
            }
            scores.append(response.logProbability / (normalization == .tokens ? Double(count) : 1))
        }
        return try GroupScore(finite: scores, of: group, by: spec)
    }
}
