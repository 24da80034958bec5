import RealModule

/// The chi-square distribution.
public struct ChiSquareDistribution: Sendable, Hashable {
    public var degreesOfFreedom: Double

    /// - Precondition: `degreesOfFreedom > 0`.
    public init(degreesOfFreedom: Double) {
        precondition(degreesOfFreedom > 0, "a chi-square distribution needs positive degrees of freedom")
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The density at x > 0; 0 below.
    public func density(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        return SaddlePoint.poisson(degreesOfFreedom / 2, mean: x / 2) * degreesOfFreedom / (2 * x)
    }

    /// P(X ≤ x).
    public func cumulative(_ x: Double) -> Double { regularizedGamma(degreesOfFreedom / 2, x / 2).lower }

    /// P(X > x), precise in the upper tail.
    public func survival(_ x: Double) -> Double { regularizedGamma(degreesOfFreedom / 2, x / 2).upper }

    /// The x with P(X ≤ x) = p; NaN outside [0, 1].
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        guard p > 0 else { return 0 }
        guard p < 1 else { return .infinity }
        var bound = degreesOfFreedom + 10
        while cumulative(bound) < p { bound *= 2 }
        return monotoneRoot(lower: 0, upper: bound, start: wilsonHilferty(p)) { x in
            let tails = regularizedGamma(degreesOfFreedom / 2, x / 2)
            return logTailError(tails, lower: p, density: density(x))
        }
    }

    /// A first guess (Wilson and Hilferty, PNAS 17, 1931).
    private func wilsonHilferty(_ p: Double) -> Double {
        let spread = 2 / (9 * degreesOfFreedom)
        let root = 1 - spread + NormalDistribution.standardQuantile(p) * spread.squareRoot()
        return degreesOfFreedom * root * root * root
    }
}

/// An increasing function that is 0 at the quantile, on the log scale of the smaller tail, where Newton's steps behave.
///
/// - Returns: the value and its slope in x.
func logTailError(_ tails: Tails, lower p: Double, density: Double) -> (value: Double, slope: Double) {
    if p <= 0.5 { return (Double.log(tails.lower) - Double.log(p), density / tails.lower) }
    return (Double.log(1 - p) - Double.log(tails.upper), density / tails.upper)
}
