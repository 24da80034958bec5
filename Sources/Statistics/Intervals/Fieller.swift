import Diagnostics

/// The ratio of two paired means, mean(numerators)/mean(denominators), with Fieller's set.
///
/// The set is {ρ : |ā − ρb̄| ≤ t·SE(a − ρb)}, which keeps its level also where the denominator is not clear of zero: it is then
/// the two rays outside a gap (``Interval/isUnion``), or the whole line. That happens exactly when the denominator's own t
/// interval at this level holds 0, and leaving such results out would spoil the coverage of those that are printed.
///
/// Fieller, "Some problems in interval estimation", J. Roy. Stat. Soc. B 16, 1954; the cases in Franz, "Ratios: a short guide
/// to confidence limits and proper use", arXiv:0710.2024. Exact under joint normality of the pairs.
///
/// - Parameters:
///   - numerators: one per independent unit (a seed).
///   - denominators: of the same units.
/// - Returns: the point is infinite, or NaN, where the mean denominator is 0; there is no standard error.
/// - Throws: `badData` for no units or a value that is not finite; `usage` for a level outside (0, 1).
public func fiellerRatio(
    numerators: [Double], denominators: [Double], level: Double = 0.95
) throws(Diagnostic) -> Estimate {
    try Requirement.level(level)
    try Requirement.sameCount(numerators.count, denominators.count, "numerators and denominators")
    try Requirement.count(numerators, atLeast: 1, "numerators")
    try Requirement.finite(numerators, "numerators")
    try Requirement.finite(denominators, "denominators")
    let ratio = FiellerRatio(numerators, denominators)
    return Estimate(
        point: ratio.point, standardError: nil, interval: ratio.interval(level: level), n: numerators.count,
        clusters: numerators.count)
}

/// The means of both sides and the covariance of these means.
private struct FiellerRatio {
    let n: Int
    let a: Double
    let b: Double
    var varianceA = 0.0
    var varianceB = 0.0
    var covariance = 0.0

    init(_ numerators: [Double], _ denominators: [Double]) {
        n = numerators.count
        a = numerators.reduce(0, +) / Double(n)
        b = denominators.reduce(0, +) / Double(n)
        for (x, y) in zip(numerators, denominators) {
            varianceA += (x - a) * (x - a)
            varianceB += (y - b) * (y - b)
            covariance += (x - a) * (y - b)
        }
        let scale = Double(n) * Double(max(n - 1, 1))
        varianceA /= scale
        varianceB /= scale
        covariance /= scale
    }

    var point: Double { a / b }

    private var hasNoVariation: Bool {
        let noise = 4 * Double.ulpOfOne
        return varianceA.squareRoot() <= noise * a.magnitude && varianceB.squareRoot() <= noise * b.magnitude
    }

    func interval(level: Double) -> Interval {
        guard n > 1 else { return .unbounded(level: level, method: "one unit: its spread is unknown, no interval") }
        guard !hasNoVariation else {
            return .unbounded(level: level, method: "no variation between units: no interval")
        }
        let t = StudentTDistribution(degreesOfFreedom: Double(n - 1)).quantile((1 - level) / 2)
        return Interval(pieces: pieces(t * t), level: level, method: "Fieller, df \(n - 1)", validity: .fixedN)
    }

    /// Where pρ² − 2qρ + r ≤ 0.
    private func pieces(_ square: Double) -> [ClosedRange<Double>] {
        let p = b * b - square * varianceB
        let q = a * b - square * covariance
        let r = a * a - square * varianceA
        let discriminant = q * q - p * r
        if p == 0 { return halfLine(q, r) }
        if p < 0, discriminant <= 0 { return [-.infinity ... .infinity] }
        let root = max(0, discriminant).squareRoot()
        // The larger root in magnitude first, the other by Vieta, so neither cancels.
        let sum = q < 0 ? q - root : q + root
        let (first, second) = sum == 0 ? (0, 0) : (sum / p, r / sum)
        let (low, high) = (min(first, second), max(first, second))
        return p > 0 ? [low...high] : [-.infinity...low, high ... .infinity]
    }

    private func halfLine(_ q: Double, _ r: Double) -> [ClosedRange<Double>] {
        if q == 0 { return [-.infinity ... .infinity] }
        return q > 0 ? [r / (2 * q) ... .infinity] : [-.infinity...r / (2 * q)]
    }
}
