import Diagnostics
import Experiment

/// A removable part of a run besides its reward: it may be there or not in training, and is read on and off in evaluation.
public struct RunPiece: Sendable {
    public enum Kind: Sendable {
        /// Chooses the best by gold of `size` samples.
        case verifier(size: Int)
        case hint(Hint)
    }

    /// Something that a prompt tells besides what it asks.
    public struct Hint: Sendable {
        /// The world's prompts with their hints, whole, [prompt].
        public var prompts: [[Int32]]
        /// The same with hints that belong to other prompts.
        public var sham: [[Int32]]
        /// The held-out prompts with their hints.
        public var heldOut: [[Int32]]
        public var schedule: Schedule

        public init(prompts: [[Int32]], sham: [[Int32]], heldOut: [[Int32]], schedule: Schedule) {
            (self.prompts, self.sham, self.heldOut, self.schedule) = (prompts, sham, heldOut, schedule)
        }
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
    /// The step from which training goes on without it; `nil`: it stays to the end.
    public var until: Int?

    public init(_ kind: Kind, training: Presence = .real, until: Int? = nil) {
        self.kind = kind
        self.training = training
        self.until = until
    }

    /// What training has of it at a step.
    func presence(at step: Int) -> Presence { step < until ?? .max ? training : .absent }
}

extension [RunPiece] {
    /// How many samples a verifier chooses from at a step, and whether it looks at them; `nil` where none is there.
    func verifier(at step: Int) -> (size: Int, isReal: Bool)? {
        for piece in self {
            guard case .verifier(let size) = piece.kind, piece.presence(at: step) != .absent else { continue }
            return (size, piece.presence(at: step) == .real)
        }
        return nil
    }

    /// The hint, whether or not training has it.
    var hint: RunPiece.Hint? {
        for piece in self { if case .hint(let hint) = piece.kind { return hint } }
        return nil
    }

    /// The verifier's samples, whether or not training has it.
    var verifierSize: Int? {
        for piece in self { if case .verifier(let size) = piece.kind { return size } }
        return nil
    }
}
