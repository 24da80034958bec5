import Diagnostics
import RealModule

/// One run's path: how far it went and what it gained.
public struct OveroptimizationPath: Sendable, Hashable {
    /// d = √KL at each reading, in √nats.
    public var distances: [Double]
    /// Gold (or proxy) less its value at d = 0, at the same readings.
    public var gains: [Double]

    public init(distances: [Double], gains: [Double]) {
        self.distances = distances
        self.gains = gains
    }
}

/// A form fitted to whole runs: the points of one run are not independent, so each run gives one α and one β, and
/// intervals are Student's over runs.
public struct OveroptimizationFit: Sendable, Hashable {
    public var form: OveroptimizationForm
    /// The mean over runs, with a t interval.
    public var alpha: Estimate
    /// The mean over runs, with a t interval.
    public var beta: Estimate
    /// The distance at which the mean curve is largest, with Fieller's set of α/β carried over; `nil` where refused.
    public var peak: Estimate?
    /// Why there is no peak; `nil` where there is one.
    public var refusal: String?
    /// For each run given its least-squares α and β; `nil` where its points do not determine both.
    public var coefficients: [OveroptimizationCoefficients?]
    /// The largest distance any run came to.
    public var furthest: Double
    /// Root mean square of what the mean curve leaves, over all points of the runs that were used.
    public var residual: Double

    /// The mean curve.
    public func value(at d: Double) -> Double { form.value(at: d, alpha: alpha.point, beta: beta.point) }
}

public struct OveroptimizationCoefficients: Sendable, Hashable {
    public var alpha: Double
    public var beta: Double
}

/// Fits one of Gao's forms by least squares without an intercept, run by run.
///
/// A peak is refused where β's interval holds 0, where β lies below 0 (the curve turns up), or where the peak lies beyond every
/// distance that was observed.
///
/// - Parameters:
///   - paths: one per independent run.
///   - level: coverage of the intervals.
/// - Throws: `badData` where no run determines both coefficients (two different distances above 0), a distance is negative or a
///   value not finite.
public func fitOveroptimization(
    _ paths: [OveroptimizationPath], form: OveroptimizationForm, level: Double = 0.95
) throws(Diagnostic) -> OveroptimizationFit {
    for (index, path) in paths.enumerated() { try check(path, "paths[\(index)]") }
    let coefficients = paths.map { leastSquares($0, form) }
    let used = coefficients.compactMap { $0 }
    try Requirement.that(
        !used.isEmpty, "no run has two different distances above 0, so no curve is determined", field: "paths")
    var fit = OveroptimizationFit(
        form: form, alpha: try studentMean(used.map(\.alpha), level: level),
        beta: try studentMean(used.map(\.beta), level: level), coefficients: coefficients,
        furthest: paths.flatMap(\.distances).reduce(0, max), residual: 0)
    fit.residual = residual(of: fit, paths)
    let peak = try peak(of: used, form, level: level)
    fit.refusal = refusal(of: peak, fit)
    fit.peak = fit.refusal == nil ? peak : nil
    return fit
}

private func check(_ path: OveroptimizationPath, _ name: String) throws(Diagnostic) {
    try Requirement.sameCount(path.distances.count, path.gains.count, "distances and gains")
    try Requirement.finite(path.distances, "\(name).distances")
    try Requirement.finite(path.gains, "\(name).gains")
    try Requirement.that(
        path.distances.allSatisfy { $0 >= 0 }, "a distance √KL is negative", field: "\(name).distances")
}

/// The normal equations of two regressors, solved after Gram and Schmidt so that near-collinear ones keep their digits.
private func leastSquares(_ path: OveroptimizationPath, _ form: OveroptimizationForm) -> OveroptimizationCoefficients? {
    let rows = path.distances.map(form.regressors)
    let (u, v) = (rows.map(\.alpha), rows.map(\.beta))
    let uu = product(u, u)
    guard uu > 0 else { return nil }
    let share = product(u, v) / uu
    let rest = zip(u, v).map { $1 - share * $0 }
    let square = product(rest, rest)
    guard square > 1e-20 * product(v, v), square > 0 else { return nil }
    let beta = product(rest, path.gains) / square
    return OveroptimizationCoefficients(alpha: product(u, path.gains) / uu - share * beta, beta: beta)
}

private func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private func residual(of fit: OveroptimizationFit, _ paths: [OveroptimizationPath]) -> Double {
    let used = zip(paths, fit.coefficients).filter { $0.1 != nil }.map(\.0)
    let squares = used.flatMap { zip($0.distances, $0.gains) }.map { d, gain in
        (gain - fit.value(at: d)) * (gain - fit.value(at: d))
    }
    return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
}

private func peak(
    of runs: [OveroptimizationCoefficients], _ form: OveroptimizationForm, level: Double
) throws(Diagnostic) -> Estimate {
    var peak = try fiellerRatio(numerators: runs.map(\.alpha), denominators: runs.map(\.beta), level: level)
    let ratio = peak.interval
    peak.point = form.peak(ratio: peak.point)
    peak.interval = Interval(
        pieces: ratio.pieces.map { max(0, form.peak(ratio: $0.lowerBound))...max(0, form.peak(ratio: $0.upperBound)) },
        level: level, method: "\(ratio.method), carried over to the peak", validity: ratio.validity)
    return peak
}

private func refusal(of peak: Estimate, _ fit: OveroptimizationFit) -> String? {
    let beta = fit.beta.interval
    if !beta.isBounded { return "β has no interval (\(beta.method)), so nothing says that the curve turns down" }
    if beta.contains(0) {
        return "β's interval [\(rounded(beta.lower)), \(rounded(beta.upper))] holds 0, so nothing says that the curve "
            + "turns down"
    }
    if fit.beta.point < 0 { return "β is below 0: the curve turns up and has no peak" }
    if peak.point <= 0 { return "the fitted peak lies at d = \(rounded(peak.point)): the curve only falls" }
    if peak.point > fit.furthest {
        let furthest = rounded(fit.furthest)
        return "the fitted peak, d = \(rounded(peak.point)), lies beyond the largest d observed, \(furthest)"
    }
    return nil
}

/// Three significant digits, for a sentence.
private func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    let scale = Double.pow(10, 2 - Double.log10(value.magnitude).rounded(.down))
    return (value * scale).rounded() / scale
}
