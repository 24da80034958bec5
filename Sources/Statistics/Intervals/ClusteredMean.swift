import Diagnostics

/// The (weighted) mean of values, with an interval whose unit of independence is the cluster.
///
/// - One 0/1 outcome per cluster, equal weights: Wilson's score interval (``wilson(successes:n:level:)``).
/// - Otherwise a cluster-robust t interval: θ = Σwx/Σw, s_g = Σ_{i in g} w(x − θ),
///   Var θ = G/(G−1) · Σ_g s_g² / (Σw)², with G − 1 degrees of freedom (Liang and Zeger, Biometrika 73, 1986; the factor and
///   degrees of freedom of Cameron and Miller, J. Human Resources 50(2), 2015, section VI.B). With one value per cluster and
///   equal weights it is Student's t interval.
/// - One cluster says nothing about the spread between clusters: the interval is unbounded and there is no standard error.
/// - All clusters agree: a t interval would shrink to a point, which is false certainty. With a known `range` (0...1 is taken
///   as known where all values are 0 or 1) the share of clusters that differ is bounded by Clopper and Pearson's zero-of-G
///   bound, and so is the mean; without one the interval is unbounded. ``Interval/method`` says which.
///
/// - Parameters:
///   - values: one number per observation.
///   - clusters: each observation's cluster label, parallel to `values`.
///   - weights: not negative, parallel to `values`; `nil` means equal.
///   - level: the coverage, in (0, 1).
///   - range: values the mean cannot leave; the interval is cut to it.
/// - Throws: `badData` for no values, a NaN or infinite value, or weights that are negative or sum to 0; `usage` for a level
///   outside (0, 1).
public func clusteredMean(
    _ values: [Double], clusters: [Int], weights: [Double]? = nil, level: Double = 0.95,
    range: ClosedRange<Double>? = nil
) throws(Diagnostic) -> Estimate {
    let sample = try ClusteredSample(values, clusters: clusters, weights: weights, level: level)
    let isBinary = values.allSatisfy { $0 == 0 || $0 == 1 }
    if isBinary, weights == nil, sample.index.hasOneValueEach, values.count > 1 {
        return try wilson(successes: values.count { $0 == 1 }, n: values.count, level: level)
    }
    return try sample.estimate(range: range ?? (isBinary ? 0...1 : nil))
}

/// The mean of `first − second` on the same observations, clustered as ``clusteredMean(_:clusters:weights:level:range:)`` does
/// (never by Wilson's score, since a difference is no share).
///
/// - Parameter range: values that the mean difference cannot leave, such as −1...1 for a difference of accuracies.
/// - Throws: as ``clusteredMean(_:clusters:weights:level:range:)``.
public func pairedDifference(
    _ first: [Double], _ second: [Double], clusters: [Int], weights: [Double]? = nil, level: Double = 0.95,
    range: ClosedRange<Double>? = nil
) throws(Diagnostic) -> Estimate {
    try Requirement.sameCount(first.count, second.count, "the two sides of a paired difference")
    try Requirement.finite(first, "first")
    try Requirement.finite(second, "second")
    let differences = zip(first, second).map { $0 - $1 }
    let sample = try ClusteredSample(differences, clusters: clusters, weights: weights, level: level)
    return try sample.estimate(range: range)
}

/// The mean of independent values with Student's t interval: for claims whose unit is the seed.
///
/// Student, Biometrika 6, 1908. One value, or values that do not vary, are treated as in
/// ``clusteredMean(_:clusters:weights:level:range:)``.
///
/// - Throws: as ``clusteredMean(_:clusters:weights:level:range:)``.
public func studentMean(
    _ values: [Double], level: Double = 0.95, range: ClosedRange<Double>? = nil
) throws(Diagnostic) -> Estimate {
    try ClusteredSample(values, clusters: Array(values.indices), weights: nil, level: level).estimate(range: range)
}
