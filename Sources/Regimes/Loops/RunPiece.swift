import Diagnostics
import Experiment

/// A removable part of a run besides its reward: it may be there or not in training, and is read on and off in evaluation.
public struct RunPiece: Sendable {
    public enum Kind: Sendable {
        /// Chooses the best by gold of `size` samples.
        case verifier(size: Int)
        /// Tokens put before each prompt's own, [prompt]; `sham` has as many that say nothing.
        case hint(tokens: [[Int32]], sham: [[Int32]], schedule: Schedule)
    }

    /// What training has of it.
    public enum Presence: String, Sendable, CaseIterable {
        case real
        /// In its place something that costs as much and tells nothing.
        case sham
        case absent
    }

    /// The share of training prompts that are given a hint, from the first step to the last, in a straight line.
    public struct Schedule: Sendable, Hashable {
        public var start: Double
        public var end: Double

        public init(start: Double, end: Double) {
            self.start = start
            self.end = end
        }

        func share(at step: Int, of steps: Int) -> Double {
            start + (end - start) * min(1, Double(step) / Double(max(steps - 1, 1)))
        }
    }

    public var kind: Kind
    public var training: Presence

    public init(_ kind: Kind, training: Presence = .real) {
        self.kind = kind
        self.training = training
    }
}
