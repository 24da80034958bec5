import RealModule

/// The beta distribution on [0, 1].
public struct BetaDistribution: Sendable, Hashable {
    public var alpha: Double
    public var beta: Double

    /// - Precondition: both parameters are positive.
    public init(alpha: Double, beta: Double) {
        precondition(alpha > 0 && beta > 0, "a beta distribution needs positive parameters")
        self.alpha = alpha
        self.beta = beta
    }

    /// The density at 0 < x < 1; 0 elsewhere.
    public func density(_ x: Double) -> Double {
        guard x > 0, x < 1 else { return 0 }
        let mass = SaddlePoint.binomial(alpha, beta, p: x, q: 1 - x)
        return mass * alpha * beta / (alpha + beta) / (x * (1 - x))
    }

    /// P(X ≤ x).
    public func cumulative(_ x: Double) -> Double { regularizedBeta(alpha, beta, x: x, y: 1 - x).lower }

    /// P(X > x), precise in the upper tail.
    public func survival(_ x: Double) -> Double { regularizedBeta(alpha, beta, x: x, y: 1 - x).upper }

    /// The x with P(X ≤ x) = p; NaN outside [0, 1].
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        guard p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        return monotoneRoot(lower: 0, upper: 1, start: alpha / (alpha + beta)) { x in
            logTailError(regularizedBeta(alpha, beta, x: x, y: 1 - x), lower: p, density: density(x))
        }
    }
}
