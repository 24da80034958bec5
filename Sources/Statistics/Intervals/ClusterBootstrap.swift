import Diagnostics

/// Which interval is read off the bootstrap distribution.
public enum BootstrapInterval: String, Sendable, Hashable {
    /// The distribution's own quantiles (Efron 1979).
    case percentile
    /// Bias-corrected and accelerated (Efron, "Better bootstrap confidence intervals", JASA 82, 1987).
    case bca = "BCa"
}

/// Bootstraps any statistic by drawing whole clusters with replacement, within strata where there are any.
///
/// The interval's ends are Weibull (type 6) quantiles of the replicates. For BCa, z₀ counts half of the replicates that equal
/// the point (Efron 1987, eq. 2.8 with ties halved), and the acceleration comes from the jackknife over clusters; with strata
/// a = ⅙ Σ U³/n_h³ / (Σ U²/n_h²)^(3/2), where U = (n_h − 1)(mean of the stratum's jackknife values − value) (Davison and
/// Hinkley, Bootstrap Methods and their Application, 1997, section 5.3.2). Fixed-n, and too narrow for a handful of clusters:
/// use t over seeds there (``studentMean(_:level:range:)``).
///
/// ``Interval/method`` names kind, replicates and strata, a fall-back to percentile (where BCa is undefined), and replicates in
/// which the statistic was undefined. Where the statistic does not vary at all, nothing can be said: the interval is `range`, or
/// unbounded.
///
/// - Parameters:
///   - clusters: how many clusters there are; the statistic knows them by 0..<clusters.
///   - strata: each cluster's stratum label; `nil` for one stratum.
///   - replicates: how many resamples, at least 100.
///   - level: the coverage, in (0, 1).
///   - kind: which interval.
///   - range: values the statistic cannot leave.
///   - stream: where the draws come from.
///   - statistic: the value for given multiplicities of the clusters (all 1 is the sample itself; the jackknife leaves one
///     out with 0). NaN says that it is undefined there.
/// - Throws: `badData` where the statistic is undefined on the sample itself or in more than 5% of the replicates, or where
///   there are no clusters; `usage` for a level outside (0, 1) or too few replicates; and what `statistic` throws.
public func clusterBootstrap(
    clusters: Int, strata: [Int]? = nil, replicates: Int = 2000, level: Double = 0.95, kind: BootstrapInterval = .bca,
    range: ClosedRange<Double>? = nil, stream: RandomStream, statistic: ([Int]) throws(Diagnostic) -> Double
) throws(Diagnostic) -> Estimate {
    try Requirement.level(level)
    try Requirement.that(clusters > 0, "there are no clusters to draw from", field: "clusters")
    try Requirement.that(
        replicates >= 100, "\(replicates) replicates are too few, at least 100 are needed", field: "replicates")
    if let strata { try Requirement.sameCount(clusters, strata.count, "clusters and strata") }
    let point = try statistic([Int](repeating: 1, count: clusters))
    try Requirement.that(point.isFinite, "the statistic is undefined on the whole sample", field: "statistic")
    var bootstrap = ClusterBootstrap(clusters: clusters, strata: strata, point: point, level: level)
    try bootstrap.resample(replicates, stream: stream, statistic: statistic)
    return try bootstrap.estimate(kind: kind, range: range, statistic: statistic)
}
