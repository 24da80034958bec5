import Diagnostics
import Experiment

extension RewardSpec {
    /// Makes the reward that the spec names.
    ///
    /// - Parameter model: makes a reward of a kind that runs a model; called for this spec or, in an ensemble, for each
    ///   member of such a kind, in order.
    /// - Throws: `usage` where a key or value is wrong; what reading a recorded file throws; what `model` throws.
    public func makeReward(
        model: (RewardSpec) async throws(Diagnostic) -> any Reward
    ) async throws(Diagnostic) -> any Reward {
        switch kind {
        case .explicit, .implicit, .endogenous, .likelihood, .verdict: return try await model(self)
        case .rule: return try makeRule()
        case .recorded: return try RecordedReward(self)
        case .mean, .min:
            var rewards: [any Reward] = []
            for member in members { rewards.append(try await member.makeReward(model: model)) }
            return try EnsembleReward(self, of: rewards)
        }
    }
}
