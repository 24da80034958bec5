import Diagnostics
import Experiment

/// A reward whose evaluator can be trained again on what the policy says at a step, as a reward model is between rounds of
/// reinforcement learning from feedback.
public protocol RefreshableReward: StatefulReward {
    /// Trains it anew.
    ///
    /// - Parameter logProbabilities: the policy's log π of every response of the world, [prompt][response], in nats.
    func refresh(from logProbabilities: [[Double]], step: Int) async throws(Diagnostic)
}

extension RewardSpec {
    /// Whether a run trains it: a reward model, or its shuffled scores.
    public var isTrained: Bool { kind == .learned || (kind == .sham && members.first?.isTrained == true) }
}
