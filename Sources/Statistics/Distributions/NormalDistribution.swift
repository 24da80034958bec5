import RealModule

/// The normal distribution.
public struct NormalDistribution: Sendable, Hashable {
    public var mean: Double
    public var standardDeviation: Double

    /// - Precondition: `standardDeviation > 0`.
    public init(mean: Double = 0, standardDeviation: Double = 1) {
        precondition(standardDeviation > 0, "a normal distribution needs a positive standard deviation")
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    public func density(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        return Double.exp(-z * z / 2) / (standardDeviation * (2 * Double.pi).squareRoot())
    }

    /// P(X ≤ x).
    public func cumulative(_ x: Double) -> Double {
        0.5 * Double.erfc(-(x - mean) / standardDeviation / 2.0.squareRoot())
    }

    /// P(X > x), precise in the upper tail.
    public func survival(_ x: Double) -> Double { 0.5 * Double.erfc((x - mean) / standardDeviation / 2.0.squareRoot()) }

    /// The x with P(X ≤ x) = p; infinite at 0 and 1, NaN outside [0, 1].
    public func quantile(_ p: Double) -> Double { mean + standardDeviation * NormalDistribution.standardQuantile(p) }

    /// Φ⁻¹(p): Abramowitz and Stegun 26.2.23 as the start, then Halley's steps on erfc, each of which triples the digits.
    static func standardQuantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        guard p <= 0.5 else { return -standardQuantile(1 - p) }
        guard p > 0 else { return -.infinity }
        let t = (-2 * Double.log(p)).squareRoot()
        let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
        let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
        var z = numerator / denominator - t
        for _ in 0..<3 {
            let tail = 0.5 * Double.erfc(-z / 2.0.squareRoot())
            let error = (tail - p) * (2 * Double.pi).squareRoot() * Double.exp(z * z / 2)
            z -= error / (1 + z * error / 2)
        }
        return z
    }
}
