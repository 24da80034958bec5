import Diagnostics

/// What the one-sided max-t test says of several means at once.
public struct MaxTResult: Sendable, Hashable {
    /// Of the hypothesis that no mean is above 0: statistic the largest t, n the units.
    public var test: TestResult
    /// For each column the p value adjusted for all of them; rejecting those at most α keeps the chance of any false rejection
    /// at most α.
    public var adjustedPValues: [Double]
    /// For each column the mean, its standard error, and a lower bound (the upper is +∞); all bounds hold together.
    public var estimates: [Estimate]
}

/// Which of several paired mean differences lie above 0, by the largest studentized one, with signs flipped unit by unit.
///
/// A unit's whole row flips at once, which keeps the columns' dependence. p values are the step-down max-t of Westfall and
/// Young (Resampling-Based Multiple Testing, 1993, algorithm 4.1; Romano and Wolf, JASA 100, 2005), exact if the rows are
/// symmetric about their means: with every flip enumerated up to 2¹⁶, else Monte Carlo with the +1 of Phipson and Smyth (2010).
///
/// Simultaneous lower bounds are mean − c·SE, where c is the level's quantile of max t under flips of the *residuals* (the wild
/// bootstrap with Rademacher signs: Wu 1986, Liu 1988; max t as in Chernozhukov, Chetverikov and Kato, Ann. Stat. 41, 2013). Flips
/// of the raw rows would not do: where all means are large they flip as one and hide how many columns there are. Bounds are
/// therefore fixed-n, and can disagree with the exact test near its boundary.
///
/// - Parameters:
///   - differences: a row per independent unit (a seed), each with one difference per column (an arm against the top arm).
///   - level: the joint coverage of the bounds, in (0, 1).
///   - replicates: how many flips, beyond 16 units.
///   - stream: where they come from.
/// - Throws: `badData` for fewer than two units, no columns, rows of unequal length, or a value that is not finite; `usage` for
///   a level outside (0, 1).
public func maxTSignFlip(
    _ differences: [[Double]], level: Double = 0.95, replicates: Int = 20_000, stream: RandomStream
) throws(Diagnostic) -> MaxTResult {
    try Requirement.level(level)
    try Requirement.that(differences.count > 1, "a spread needs at least two units", field: "differences")
    try Requirement.that(replicates > 0, "no replicates were asked for", field: "replicates")
    try Requirement.that(!differences[0].isEmpty, "there are no columns", field: "differences[0]")
    for (index, row) in differences.enumerated() {
        try Requirement.sameCount(row.count, differences[0].count, "rows of differences")
        try Requirement.finite(row, "differences[\(index)]")
    }
    return MaxT(differences, replicates: replicates, stream: stream).result(level: level)
}
