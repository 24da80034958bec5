import Diagnostics
import RealModule

/// Mean, spread and shape of values, each by its named definition, in two passes.
public struct Moments: Sendable, Hashable {
    public let count: Int
    public let mean: Double
    /// With denominator n − 1; `nil` for one value.
    public let variance: Double?
    /// g₁ = m₃/m₂^(3/2) with central moments over n (Joanes and Gill, The Statistician 47, 1998); `nil` without variation.
    public let skewness: Double?
    /// g₂ = m₄/m₂² − 3, 0 for a normal distribution (Joanes and Gill 1998); `nil` without variation.
    public let excessKurtosis: Double?
    public let minimum: Double
    public let maximum: Double

    public var standardDeviation: Double? { variance?.squareRoot() }

    /// - Throws: `badData` where there are no values or one is not finite.
    public init(_ values: [Double]) throws(Diagnostic) {
        try Requirement.count(values, atLeast: 1, "values")
        try Requirement.finite(values, "values")
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        var sums = SIMD4<Double>()
        for value in values {
            let d = value - mean
            sums += SIMD4(d, d * d, d * d * d, d * d * d * d)
        }
        // The first sum is rounding alone; taking it out is the corrected two-pass algorithm (Chan, Golub and LeVeque 1983).
        let squares = max(0, sums.y - sums.x * sums.x / n)
        let extent = values.reduce((values[0], values[0])) { (min($0.0, $1), max($0.1, $1)) }
        let noise = 4 * Double.ulpOfOne * max(extent.0.magnitude, extent.1.magnitude)
        let varies = extent.1 - extent.0 > noise
        let m2 = squares / n
        self.count = values.count
        self.mean = mean
        variance = values.count > 1 ? squares / (n - 1) : nil
        skewness = varies ? sums.z / n / (m2 * m2.squareRoot()) : nil
        excessKurtosis = varies ? sums.w / n / (m2 * m2) - 3 : nil
        (minimum, maximum) = extent
    }
}
