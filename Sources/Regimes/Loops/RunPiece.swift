import Diagnostics
import Experiment
import Statistics

/// A removable part of a run besides its reward: it can be on or off when the policy is evaluated.
public enum RunPiece: Sendable {
    /// Chooses the best of `size` samples by gold, when sampling for training and when evaluated on.
    case verifier(size: Int)
    /// Tokens put before each prompt's own, [prompt]; their share among training prompts falls from `start` to `end` over the run.
    case hint(tokens: [[Int32]], start: Double, end: Double)

    public var name: String {
        switch self {
        case .verifier: "verifier"
        case .hint: "hint"
        }
    }
}
