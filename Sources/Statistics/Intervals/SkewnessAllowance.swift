import Diagnostics

/// How far Student's one-sided bounds on a mean are moved outwards where the values lean to one side.
///
/// Right-skewed values rarely show their right tail, so their mean is read too low and its upper bound misses too often. Johnson
/// ("Modified t tests and confidence intervals for asymmetrical populations", JASA 73, 1978, section 3) moves both bounds by
/// G₁·s·(1 + 2t²)/(6n), with G₁ the adjusted Fisher-Pearson skewness. Here only the bound on the side of the longer tail is
/// moved, outwards, so that a chance skew makes no bound bolder, and by half as much again, since a handful of values shows less
/// skewness than it comes from. It is meant for the mild skew of runs' final values, on which `assay trueness` holds the bounds to
/// their level; stronger skew is beyond it (docs/design/verdicts.md).
///
/// - Parameter alpha: the error of each one-sided bound, in (0, 0.5).
/// - Returns: what to take off the lower bound and to add to the upper, neither negative, at most one of them above 0.
/// - Throws: `badData` for no values or one that is not finite; `usage` for an α outside (0, 0.5).
public func skewnessAllowance(
    _ values: [Double], alpha: Double = 0.05
) throws(Diagnostic) -> (lower: Double, upper: Double) {
    guard alpha > 0, alpha < 0.5 else {
        throw Diagnostic(.usage, "an error of \(alpha) is not in (0, 0.5)", at: .init(field: "alpha"))
    }
    let moments = try Moments(values)
    let n = Double(values.count)
    guard n > 2, let skewness = moments.skewness, let deviation = moments.standardDeviation else { return (0, 0) }
    let adjusted = skewness * (n * (n - 1)).squareRoot() / (n - 2)
    let t = StudentTDistribution(degreesOfFreedom: n - 1).quantile(1 - alpha)
    let shift = 1.5 * adjusted * deviation * (1 + 2 * t * t) / (6 * n)
    return (max(0, -shift), max(0, shift))
}
