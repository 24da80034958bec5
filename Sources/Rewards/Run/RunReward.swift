import Diagnostics
import Experiment

/// A reward that exists inside a run only: it reads what a run knows of a group (``Group/sampled``), and computes no tokens.
public protocol RunReward: Reward {}

extension RunReward {
    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        GroupPlan(tokenless: group)
    }
}

extension GroupPlan {
    /// The plan of a reward that reads no tokens of the group.
    init(tokenless group: Group) {
        self.init(
            tokensComputed: 0, tokens: group.responses.map { _ in 0 }, truncated: group.responses.map { _ in false })
    }
}

extension Group {
    /// What a run knows of the group.
    ///
    /// - Throws: `usage` where the group is a row of a file.
    func sampled(for spec: String) throws(Diagnostic) -> Sampled {
        guard let sampled else {
            throw Diagnostic(
                .usage, "'\(id)' was not sampled in a run",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: spec))'"),
                remedy: "Give the reward to assay run or to a study")
        }
        return sampled
    }
}

extension GroupScore {
    /// The score of a group, each of its numbers finite.
    ///
    /// - Throws: `badData` naming reward, prompt and response where one is not.
    init(finite scores: [Double], of group: Group, by spec: String) throws(Diagnostic) {
        if let place = scores.firstIndex(where: { !$0.isFinite }) {
            throw Diagnostic(
                .badData, "the score of a response to '\(group.id)' is \(scores[place])",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: spec))', responses[\(place)]"),
                remedy: "Leave the reward out of the run, or mend what it is computed from")
        }
        self.init(id: group.id, scores: scores)
    }
}
