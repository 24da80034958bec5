import Diagnostics
import Experiment
import JSON

/// `mean:[…]` and `min:[…]`: the mean or the smallest of the members' scores, as they are.
///
/// The members' scores are not standardised, so members on different scales count differently; `weights=2:1` of a mean
/// gives each member's share, Σ wᵢsᵢ / Σ wᵢ. A response's tokens are the sum over the members, for that many were scored;
/// it is truncated where any member cut it. Members' rewards per token have no common tokens, so the ensemble has none.
public struct EnsembleReward: Reward {
    public let spec: String
    public let members: [any Reward]
    /// One weight a member, not negative, not all zero; `nil` where the smallest score counts.
    public let weights: [Double]?

    /// - Parameter members: made from the spec's members, in their order.
    /// - Throws: `usage` where a key or value is wrong.
    public init(_ spec: RewardSpec, of members: [any Reward]) throws(Diagnostic) {
        var parameters = spec.parameterReader
        weights = spec.kind == .mean ? try Self.weights(&parameters, count: members.count) : nil
        try parameters.finish()
        self.spec = spec.description
        self.members = members
    }

    private static func weights(_ parameters: inout ParameterReader, count: Int) throws(Diagnostic) -> [Double] {
        guard let text = parameters.text("weights") else { return Array(repeating: 1, count: count) }
        let weights = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard weights.count == count, weights.allSatisfy(NumberRange.nonNegative.contains),
            weights.contains(where: { $0 > 0 })
        else {
            throw parameters.failure(
                "'\(text.prefix(40))' should be \(count) numbers of at least 0, not all of them 0", at: "weights",
                remedy:
                    "Write one for each member: weights=\(Array(repeating: "1", count: count).joined(separator: ":"))")
        }
        return weights
    }

    public var provenance: JSONValue {
        var object = JSONObject()
        object["kind"] = weights == nil ? "min" : "mean"
        if let weights { object["weights"] = .array(weights.map { .number($0) }) }
        object["members"] = .array(members.map { ["spec": .string($0.spec), "provenance": $0.provenance] })
        return .object(object)
    }

    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        var plan = GroupPlan(
            tokensComputed: 0, tokens: group.responses.map { _ in 0 }, truncated: group.responses.map { _ in false })
        for member in members {
            let part = try await member.plan(group)
            plan.tokensComputed += part.tokensComputed
            for index in plan.tokens.indices {
                plan.tokens[index] += part.tokens[index]
                plan.truncated[index] = plan.truncated[index] || part.truncated[index]
            }
        }
        return plan
    }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var parts: [[GroupScore]] = []
        for member in members { parts.append(try await member.score(groups)) }
        var scores: [GroupScore] = []
        for (index, group) in groups.enumerated() {
            scores.append(try combine(parts.map { $0[index] }, of: group))
        }
        return scores
    }
}

extension EnsembleReward {
    private func combine(_ parts: [GroupScore], of group: Group) throws(Diagnostic) -> GroupScore {
        var scores: [Double] = []
        for index in group.responses.indices {
            scores.append(try combine(parts.map { $0.scores[index] }, at: index, of: group))
        }
        return GroupScore(
            id: group.id, scores: scores,
            tokens: group.responses.indices.map { index in parts.reduce(0) { $0 + $1.tokens[index] } },
            truncated: group.responses.indices.map { index in parts.contains { $0.truncated[index] } })
    }

    private func combine(_ scores: [Double], at index: Int, of group: Group) throws(Diagnostic) -> Double {
        guard let weights else { return scores.min() ?? .nan }
        let weighted = zip(weights, scores).filter { $0.0 > 0 }
        let mean = weighted.reduce(0) { $0 + $1.0 * $1.1 } / weighted.reduce(0) { $0 + $1.0 }
        guard !mean.isNaN else {
            throw Diagnostic(
                .badData, "the members' scores \(scores) have no mean",
                at: .init(file: group.source?.file, line: group.source?.line, field: "responses[\(index)]"),
                remedy: "Leave out the row '\(group.id)', or the member whose score is infinite")
        }
        return mean
    }
}
