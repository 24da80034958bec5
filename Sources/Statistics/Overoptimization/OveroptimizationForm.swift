import RealModule

/// How the gold reward gained depends on d = √KL(policy ‖ reference), natural logarithm.
///
/// Gao, Schulman and Hilton, "Scaling laws for reward model overoptimization", 2022, section 3.1.
public enum OveroptimizationForm: String, Sendable, Hashable, CaseIterable {
    /// R(d) = d(α − βd)
    case bestOfN = "d(α − βd)"
    /// R(d) = d(α − β log d)
    case reinforcementLearning = "d(α − β log d)"

    /// What α and β multiply at a distance; both 0 at d = 0, where the second form has its limit.
    func regressors(_ d: Double) -> (alpha: Double, beta: Double) {
        switch self {
        case .bestOfN: (d, -d * d)
        case .reinforcementLearning: (d, d > 0 ? -d * Double.log(d) : 0)
        }
    }

    /// R(d).
    public func value(at d: Double, alpha: Double, beta: Double) -> Double {
        let regressors = regressors(d)
        return alpha * regressors.alpha + beta * regressors.beta
    }

    /// Where R is largest, for β > 0: α/(2β), or exp(α/β − 1).
    func peak(ratio: Double) -> Double {
        switch self {
        case .bestOfN: ratio / 2
        case .reinforcementLearning: Double.exp(ratio - 1)
        }
    }
}
