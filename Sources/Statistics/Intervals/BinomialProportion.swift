import Diagnostics

/// A share with Wilson's score interval, whose coverage is near the level on average; it is asymmetric and stays in [0, 1].
///
/// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927; Brown, Cai and DasGupta,
/// Statistical Science 16(2), 2001, eq. 4 (without continuity correction).
///
/// - Throws: `badData` where `n` is 0 or `successes` is not in 0...n; `usage` for a level outside (0, 1).
public func wilson(successes: Int, n: Int, level: Double = 0.95) throws(Diagnostic) -> Estimate {
    try requireProportion(successes, n, level)
    let total = Double(n)
    let share = Double(successes) / total
    let z = -NormalDistribution.standardQuantile((1 - level) / 2)
    let shrink = 1 + z * z / total
    let center = (share + z * z / (2 * total)) / shrink
    let half = z / shrink * (share * (1 - share) / total + z * z / (4 * total * total)).squareRoot()
    let interval = Interval(
        lower: successes == 0 ? 0 : max(0, center - half), upper: successes == n ? 1 : min(1, center + half),
        level: level, method: "Wilson score", validity: .fixedN)
    return proportion(share, n, interval)
}

/// A share with Clopper and Pearson's exact interval: it covers at least at the level for every true share.
///
/// Clopper and Pearson, Biometrika 26, 1934; as beta quantiles in Brown, Cai and DasGupta 2001, section 4.2.1.
///
/// - Throws: `badData` where `n` is 0 or `successes` is not in 0...n; `usage` for a level outside (0, 1).
public func clopperPearson(successes: Int, n: Int, level: Double = 0.95) throws(Diagnostic) -> Estimate {
    try requireProportion(successes, n, level)
    let tail = (1 - level) / 2
    let (hits, misses) = (Double(successes), Double(n - successes))
    let lower = successes == 0 ? 0 : BetaDistribution(alpha: hits, beta: misses + 1).quantile(tail)
    let upper = successes == n ? 1 : BetaDistribution(alpha: hits + 1, beta: misses).quantile(1 - tail)
    let interval = Interval(lower: lower, upper: upper, level: level, method: "Clopper-Pearson", validity: .exact)
    return proportion(hits / Double(n), n, interval)
}

private func requireProportion(_ successes: Int, _ n: Int, _ level: Double) throws(Diagnostic) {
    try Requirement.level(level)
    try Requirement.that(n > 0, "a share of nothing is not a number", field: "n")
    try Requirement.that(
        0 <= successes && successes <= n, "\(successes) successes in \(n) trials are impossible", field: "successes")
}

private func proportion(_ share: Double, _ n: Int, _ interval: Interval) -> Estimate {
    Estimate(
        point: share, standardError: (share * (1 - share) / Double(n)).squareRoot(), interval: interval, n: n,
        clusters: n)
}
