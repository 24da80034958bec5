import Diagnostics
import Experiment
import JSON

/// The sum of a run's reward terms, each with its weight and the steps in which it counts.
public struct RewardSum: StatefulReward {
    /// A summand.
    public struct Term: Sendable {
        public var settings: RewardTermSettings
        public var reward: any Reward

        public init(_ settings: RewardTermSettings, reward: any Reward) {
            self.settings = settings
            self.reward = reward
        }

        /// Whether it counts at a step.
        public func counts(at step: Int) -> Bool { step >= settings.from && step < settings.until ?? .max }
    }

    /// A sum and what it is made of.
    public struct Scores: Sendable {
        /// One a group: the weighted sum.
        public var total: [GroupScore]
        /// The terms that counted, in order, each with its own scores before the weight.
        public var terms: [(name: String, scores: [GroupScore])]
    }

    public let terms: [Term]

    /// - Precondition: the terms' names differ.
    public init(_ terms: [Term]) { self.terms = terms }

    /// Makes the rewards of terms.
    ///
    /// - Throws: what making a reward throws, located at its term.
    public init(_ settings: [RewardTermSettings], context: RunRewardContext) async throws(Diagnostic) {
        var terms: [Term] = []
        for term in settings {
            terms.append(Term(term, reward: try await term.spec.makeRunReward(context: context)))
        }
        self.init(terms)
    }

    /// The last step, up to one, from which it may score another way than before: a term begins or ends, or is trained anew.
    public func lastChange(upTo step: Int) -> Int {
        terms.map { $0.settings.lastChange(upTo: step) }.max() ?? 0
    }

    /// The terms as a study writes them.
    public var spec: String { JSONValue.array(terms.map(\.settings.json)).text }

    public var provenance: JSONValue {
        .array(terms.map { ["term": $0.settings.json, "provenance": $0.reward.provenance] })
    }

    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        var plan = GroupPlan(tokenless: group)
        for term in terms where term.counts(at: group.sampled?.step ?? 0) {
            let part = try await term.reward.plan(group)
            plan.tokensComputed += part.tokensComputed
            plan.tokens = zip(plan.tokens, part.tokens).map(+)
            plan.truncated = zip(plan.truncated, part.truncated).map { $0 || $1 }
        }
        return plan
    }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] { try await scores(groups).total }

    /// Scores groups of one step, and says what each term gave.
    ///
    /// - Throws: `badData` naming term and prompt where a score is not a finite number.
    public func scores(_ groups: [Group]) async throws(Diagnostic) -> Scores {
        var total = groups.map { GroupScore(id: $0.id, scores: $0.responses.map { _ in 0 }) }
        var parts: [(name: String, scores: [GroupScore])] = []
        let step = groups.first?.sampled?.step ?? 0
        for term in terms where term.counts(at: step) {
            let scores = try await term.reward.score(groups)
            for (index, score) in scores.enumerated() { try add(score, of: term, to: &total[index]) }
            parts.append((term.settings.name, scores))
        }
        return Scores(total: total, terms: parts)
    }

    private func add(_ score: GroupScore, of term: Term, to total: inout GroupScore) throws(Diagnostic) {
        for (place, value) in score.scores.enumerated() {
            guard value.isFinite else {
                throw Diagnostic(
                    .badData, "the reward '\(term.settings.name)' gave \(value) for a response to '\(score.id)'",
                    at: .init(field: "responses[\(place)]"), remedy: "Mend the reward, or remove the term")
            }
            total.scores[place] += term.settings.weight * value
            guard total.scores[place].isFinite else {
                throw Diagnostic(
                    .badData, "the weighted sum of rewards for a response to '\(score.id)' is too large for a number",
                    at: .init(field: "responses[\(place)]"), remedy: "Give smaller weights")
            }
        }
        total.tokens = zip(total.tokens, score.tokens).map(+)
        total.truncated = zip(total.truncated, score.truncated).map { $0 || $1 }
    }

    /// What each term remembers, by its name; null for a term that remembers nothing.
    public var state: JSONValue {
        .object(
            JSONObject(
                terms.map { (key: $0.settings.name, value: ($0.reward as? any StatefulReward)?.state ?? .null) }))
    }

    public func restore(_ state: JSONValue) throws(Diagnostic) {
        for term in terms {
            guard let stateful = term.reward as? any StatefulReward else { continue }
            guard let own = state[term.settings.name] else {
                throw Diagnostic(
                    .badData, "the stored state of the reward lacks the term '\(term.settings.name)'",
                    remedy: "Start the run anew, without the checkpoint")
            }
            try stateful.restore(own)
        }
    }
}
