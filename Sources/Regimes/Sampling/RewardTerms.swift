import Diagnostics
import Experiment
import Torch

/// One summand of a run's reward and the steps in which it counts.
public struct RewardTerm {
    public var name: String
    public var weight: Double
    /// The first step in which it counts.
    public var from: Int
    /// The first step in which it no longer does; `nil`: it stays.
    public var until: Int?
    public var reward: any Reward

    public init(name: String, weight: Double = 1, from: Int = 0, until: Int? = nil, reward: any Reward) {
        self.name = name
        self.weight = weight
        self.from = from
        self.until = until
        self.reward = reward
    }

    func counts(at step: Int) -> Bool { step >= from && step < until ?? .max }
}

/// The rewards of sampled groups.
struct ScoredGroup {
    var sampled: Group.Sampled
    /// The sum of the terms that count, one a response.
    var rewards: [Double]
}

extension [RewardTerm] {
    /// Scores groups by the terms that count at a step.
    ///
    /// - Throws: `badData` naming the term whose score is not a number.
    @TensorActor
    func score(_ groups: [Group.Sampled], step: Int) async throws(Diagnostic) -> [ScoredGroup] {
        var scored = groups.map {
            ScoredGroup(sampled: $0, rewards: Array<Double>(repeating: 0, count: $0.responses.count))
        }
        let rows = groups.map(Group.init)
        for term in self where term.counts(at: step) {
            let scores = try await term.reward.score(rows)
            for (index, score) in scores.enumerated() {
                for (place, value) in score.scores.enumerated() {
                    guard value.isFinite else { throw Self.notANumber(term, value, scored[index].sampled) }
                    scored[index].rewards[place] += term.weight * value
                }
            }
        }
        return scored
    }

    private static func notANumber(_ term: RewardTerm, _ value: Double, _ group: Group.Sampled) -> Diagnostic {
        Diagnostic(
            .badData, "the reward '\(term.name)' gave \(value) for a response to the prompt '\(group.prompt.id)'",
            remedy: "Mend the reward, or remove the term")
    }
}
