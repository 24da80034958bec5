import Diagnostics
import RealModule

/// Hedges' g: the difference of two independent means in pooled standard deviations, less the small-sample bias.
///
/// Hedges, J. Educational Statistics 6, 1981: g = J(m)·(x̄ − ȳ)/s_p with J(m) = Γ(m/2)/(√(m/2) Γ((m−1)/2)), m = n₁ + n₂ − 2.
/// The interval is normal, with the variance J²·((n₁ + n₂)/(n₁n₂) + d²/(2(n₁ + n₂))) of Borenstein et al., Introduction to
/// Meta-Analysis, 2009, eqs. 4.20 and 4.24.
///
/// - Throws: `badData` for fewer than two values on a side, values that are not finite, or no variation on both sides; `usage`
///   for a level outside (0, 1).
public func hedgesG(_ first: [Double], _ second: [Double], level: Double = 0.95) throws(Diagnostic) -> Estimate {
    try Requirement.level(level)
    let (x, y) = (try Moments(first), try Moments(second))
    guard let varianceX = x.variance, let varianceY = y.variance else {
        throw Diagnostic(.badData, "an effect size needs at least two values on each side")
    }
    let (n, m) = (Double(x.count), Double(y.count))
    let freedom = n + m - 2
    let pooled = ((n - 1) * varianceX + (m - 1) * varianceY) / freedom
    try Requirement.that(pooled > 0, "neither side varies, so an effect size is undefined", field: "values")
    let d = (x.mean - y.mean) / pooled.squareRoot()
    let correction =
        Double.exp(Double.logGamma(freedom / 2) - Double.logGamma((freedom - 1) / 2)) / (freedom / 2).squareRoot()
    let error = correction * ((n + m) / (n * m) + d * d / (2 * (n + m))).squareRoot()
    let z = -NormalDistribution.standardQuantile((1 - level) / 2)
    let g = correction * d
    let interval = Interval(
        lower: g - z * error, upper: g + z * error, level: level, method: "Hedges g, normal", validity: .fixedN)
    return Estimate(
        point: g, standardError: error, interval: interval, n: x.count + y.count, clusters: x.count + y.count)
}
