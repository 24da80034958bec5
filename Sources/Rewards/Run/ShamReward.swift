import Diagnostics
import Experiment
import JSON
import Statistics

/// `sham:[spec]`: another reward's scores, dealt anew to the responses of the batch by a keyed stream. The batch has exactly the
/// same scores, and they say nothing of the responses: the placebo of a study.
///
/// Scores move between groups, so this one reward depends on its batch. The permutation is keyed by seed and step.
public struct ShamReward: RefreshableReward {
    public let spec: String
    private let inner: any Reward
    private let seed: UInt64

    init(_ spec: RewardSpec, of members: [any Reward], seed: UInt64) throws(Diagnostic) {
        try spec.parameterReader.finish()
        guard members.count == 1, let inner = members.first else {
            throw Diagnostic(
                .usage, "sham shuffles one reward's scores, but \(members.count) are given",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: spec.description))'"),
                remedy: "Give one, or their mean: sham:[mean:[…]]")
        }
        self.spec = spec.description
        self.inner = inner
        self.seed = seed
    }

    public var provenance: JSONValue {
        [
            "kind": "sham", "seed": .string(String(seed)),
            "of": ["spec": .string(inner.spec), "provenance": inner.provenance],
        ]
    }

    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan { try await inner.plan(group) }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        guard let first = groups.first else { return [] }
        let step = try first.sampled(for: spec).step
        var scores = try await inner.score(groups)
        var stream = RandomStream(seed: seed, purpose: "sham", step: UInt64(clamping: step))
        var dealt = stream.shuffled(scores.flatMap(\.scores))[...]
        for index in scores.indices {
            let count = scores[index].scores.count
            scores[index].scores = Array(dealt.prefix(count))
            scores[index].perToken = nil
            dealt = dealt.dropFirst(count)
        }
        return scores
    }

    /// - Throws: `usage` where what is shuffled is not trained.
    public func refresh(from logProbabilities: [[Double]], step: Int) async throws(Diagnostic) {
        guard let inner = inner as? any RefreshableReward else {
            throw Diagnostic(
                .usage, "'\(inner.spec)' is not trained in the run, so it cannot be refreshed",
                at: .init(field: "run.reward"), remedy: "Refresh a term of kind learned")
        }
        try await inner.refresh(from: logProbabilities, step: step)
    }

    /// What the shuffled reward remembers; null where it remembers nothing.
    public var state: JSONValue { (inner as? any StatefulReward)?.state ?? .null }

    public func restore(_ state: JSONValue) throws(Diagnostic) { try (inner as? any StatefulReward)?.restore(state) }
}
