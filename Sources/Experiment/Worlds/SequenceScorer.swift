import Diagnostics

/// A policy that says how likely it finds given tokens.
public protocol SequenceScorer: Sendable {
    /// log π of each sequence's tokens from a place on, given the tokens before, in nats: result [sequence][token].
    func logProbabilities(_ sequences: [[Int32]], from starts: [Int]) async throws(Diagnostic) -> [[Double]]
}
