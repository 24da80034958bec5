import RealModule

/// The policy-gradient loss of GRPO and RLOO: for each token −min(ρ·A, clip(ρ)·A) + c·KL, ρ = π/π_old (Shao et al. 2024,
/// equation 3; Schulman et al. 2017, equation 7), divided by a normaliser.
public struct PolicyGradientObjective: Sendable, Hashable {
    /// What a token's KL to the reference adds to the loss. With x = log π_ref − log π (Schulman, "Approximating KL divergence",
    /// 2020): k1 = −x, k2 = x²/2, k3 = eˣ − 1 − x.
    public enum Estimator: String, Sendable, Hashable, CaseIterable { case k1, k2, k3 }

    /// ρ counts only within [1 − clip, 1 + clip]; `nil`: no limit.
    public var clip: Double?
    /// Multiplies the KL in the loss; 0: none.
    public var klCoefficient: Double
    public var klEstimator: Estimator

    public init(clip: Double? = 0.2, klCoefficient: Double = 0, klEstimator: Estimator = .k3) {
        self.clip = clip
        self.klCoefficient = klCoefficient
        self.klEstimator = klEstimator
    }

    /// One token's loss and its derivative with respect to log π.
    public func token(
        logProbability: Double, old: Double, reference: Double?, advantage: Double
    ) -> (loss: Double, slope: Double, isClipped: Bool) {
        let ratio = Double.exp(logProbability - old)
        var loss = -ratio * advantage
        var slope = -ratio * advantage
        var isClipped = false
        if let clip {
            let limited = min(max(ratio, 1 - clip), 1 + clip)
            if limited * advantage < ratio * advantage { (loss, slope, isClipped) = (-limited * advantage, 0, true) }
        }
        if klCoefficient != 0, let reference {
            let (kl, klSlope) = klEstimator.value(reference - logProbability)
            loss += klCoefficient * kl
            slope += klCoefficient * klSlope
        }
        return (loss, slope, isClipped)
    }
}

extension PolicyGradientObjective.Estimator {
    /// The estimate at x = log π_ref − log π, and its derivative with respect to log π.
    ///
    /// k1's derivative is the constant 1, whose expectation under π is no gradient of the KL: in a loss it only adds noise.
    public func value(_ x: Double) -> (estimate: Double, slope: Double) {
        switch self {
        case .k1: (-x, 1)
        case .k2: (x * x / 2, -x)
        case .k3: (Double.expMinusOne(x) - x, 1 - Double.exp(x))
        }
    }
}

/// How the rewards of a group become advantages.
public enum Advantage: String, Sendable, Hashable, CaseIterable {
    /// (r − mean) / (standard deviation + 10⁻⁴) (Shao et al. 2024; deviation with n − 1).
    case standardized
    /// r − mean (Liu et al. 2025).
    case centered
    /// r − the mean of the group's others (Kool et al. 2019; Ahmadian et al. 2024).
    case leaveOneOut = "leave-one-out"

    /// The advantages of one group's rewards.
    public func values(_ rewards: [Double]) -> [Double] {
        let n = Double(rewards.count)
        guard rewards.count > 1 else { return rewards.map { _ in 0 } }
        let mean = rewards.reduce(0, +) / n
        let centered = rewards.map { $0 - mean }
        switch self {
        case .centered: return centered
        case .leaveOneOut: return centered.map { $0 * n / (n - 1) }
        case .standardized:
            let deviation = (centered.reduce(0) { $0 + $1 * $1 } / (n - 1)).squareRoot()
            return centered.map { $0 / (deviation + 1e-4) }
        }
    }
}
