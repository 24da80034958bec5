import Diagnostics
import JSON

/// Scores groups: responses to one prompt, with context.
///
/// A reward's scores of a group depend on that group alone, never on which other groups were scored beside it, to within
/// the stated tolerance of the arithmetic.
public protocol Reward: Sendable {
    /// The canonical spec (`kind:source?key=value&…`) that makes this reward again.
    var spec: String { get }

    /// What this reward is made of, for the record: checkpoint digests, template, dtype, maximum length, token ids used.
    var provenance: JSONValue { get }

    /// How many tokens the group would take to score, and which of its responses would be truncated; computes nothing.
    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan

    /// Scores a batch of groups. Rewards without a model score group by group; a model shares one forward pass.
    ///
    /// - Throws: a diagnostic located at the row where a row is at fault.
    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore]
}

/// What scoring a group will take.
public struct GroupPlan: Sendable, Hashable {
    /// Tokens to compute: unique tokens of the group's prefix tree.
    public var tokensComputed: Int
    /// Tokens a response, prompt included.
    public var tokens: [Int]
    public var truncated: [Bool]

    public init(tokensComputed: Int, tokens: [Int], truncated: [Bool]) {
        self.tokensComputed = tokensComputed
        self.tokens = tokens
        self.truncated = truncated
    }
}

/// A reward that remembers what it has scored, such as a bonus for what is new.
public protocol StatefulReward: Reward {
    /// What it remembers, so that a run can go on from a checkpoint.
    var state: JSONValue { get }
    func restore(_ state: JSONValue) throws(Diagnostic)
}
