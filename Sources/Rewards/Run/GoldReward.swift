import Diagnostics
import Experiment
import JSON

/// `gold`: the world's gold outcome itself.
public struct GoldReward: RunReward {
    public let spec: String
    private let gold: @Sendable ([Response], WorldPrompt) async throws(Diagnostic) -> [Double]

    init(_ spec: RewardSpec, _ context: RunRewardContext) throws(Diagnostic) {
        try spec.parameterReader.finish()
        self.spec = spec.description
        gold = context.gold
    }

    public var provenance: JSONValue { ["kind": "gold"] }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        for group in groups {
            let sampled = try group.sampled(for: spec)
            let values = try await gold(sampled.responses, sampled.prompt)
            scores.append(try GroupScore(finite: values, of: group, by: spec))
        }
        return scores
    }
}
