import Diagnostics
import Experiment
import Rewards

/// A sampled group with its rewards.
struct ScoredGroup {
    var sampled: Group.Sampled
    /// The sum of the terms that count, one a response.
    var rewards: [Double]
}

extension RewardSum {
    /// Scores groups by the terms that count at their step.
    func scored(_ groups: [Group.Sampled]) async throws(Diagnostic) -> [ScoredGroup] {
        zip(groups, try await score(groups.map(Group.init))).map { ScoredGroup(sampled: $0, rewards: $1.scores) }
    }

    /// The terms that keep no state, so that reading them leaves no trace.
    var stateless: RewardSum { RewardSum(terms.filter { !($0.reward is any StatefulReward) }) }
}
