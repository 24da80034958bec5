import Diagnostics
import Experiment

/// A reward that runs no model: it scores each group by itself, at once.
public protocol ModelFreeReward: Reward {
    /// Scores one group.
    func score(_ group: Group) throws(Diagnostic) -> GroupScore
}

extension ModelFreeReward {
    /// Nothing is to be computed; the tokens are those that the score says were read.
    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        let score = try score(group)
        return GroupPlan(tokensComputed: 0, tokens: score.tokens, truncated: score.truncated)
    }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        scores.reserveCapacity(groups.count)
        for group in groups { scores.append(try score(group)) }
        return scores
    }
}
