import RealModule

/// Student's t distribution.
public struct StudentTDistribution: Sendable, Hashable {
    /// Need not be whole; infinity gives the normal distribution.
    public var degreesOfFreedom: Double

    /// - Precondition: `degreesOfFreedom > 0`.
    public init(degreesOfFreedom: Double) {
        precondition(degreesOfFreedom > 0, "a t distribution needs positive degrees of freedom")
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// With Γ((ν+1)/2)/Γ(ν/2) from Stirling's errors, which keeps its precision at large ν (``SaddlePoint``).
    public func density(_ t: Double) -> Double {
        let df = degreesOfFreedom
        guard df < .infinity else { return NormalDistribution().density(t) }
        let gammas = SaddlePoint.stirlingError((df + 1) / 2) - SaddlePoint.stirlingError(df / 2)
        let ratio = gammas + df / 2 * Double.log(onePlus: 1 / df) - 0.5
        return Double.exp(ratio - (df + 1) / 2 * Double.log(onePlus: t * t / df)) / (2 * Double.pi).squareRoot()
    }

    /// P(T ≤ t).
    public func cumulative(_ t: Double) -> Double { t < 0 ? upperTail(-t) : 1 - upperTail(t) }

    /// P(T > t), precise in the upper tail.
    public func survival(_ t: Double) -> Double { cumulative(-t) }

    /// The t with P(T ≤ t) = p; infinite at 0 and 1, NaN outside [0, 1].
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        guard p <= 0.5 else { return -quantile(1 - p) }
        guard p > 0 else { return -.infinity }
        guard p < 0.5 else { return 0 }
        let start = -NormalDistribution.standardQuantile(p)
        guard degreesOfFreedom < .infinity else { return -start }
        var bound = 2 * start + 1
        while upperTail(bound) > p { bound *= 2 }
        return -monotoneRoot(lower: 0, upper: bound, start: start) { t in
            let tail = upperTail(t)
            return (Double.log(p) - Double.log(tail), density(t) / tail)
        }
    }

    /// P(T > t) for t ≥ 0: half of I_{ν/(ν+t²)}(ν/2, 1/2) (Abramowitz and Stegun 26.7.1).
    private func upperTail(_ t: Double) -> Double {
        let df = degreesOfFreedom
        guard df < .infinity else { return NormalDistribution().survival(t) }
        let square = t * t
        if square == .infinity { return 0 }
        return regularizedBeta(df / 2, 0.5, x: df / (df + square), y: square / (df + square)).lower / 2
    }
}
