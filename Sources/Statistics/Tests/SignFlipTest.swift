import Diagnostics

/// Fisher's sign-flip (paired randomization) test: if neither side is better, each cluster's difference is as likely with the
/// other sign.
///
/// Fisher, The Design of Experiments, 1935, section 21. The statistic is the mean difference. Zero differences change nothing
/// under a flip: they stay in the mean and drop out of the flips, which leaves p as it is. Sums within rounding of the
/// observed one count as equal to it. How p is found, ``TestResult/method`` says:
/// - exact by convolution, where the differences are whole multiples of a common fraction (as shares of a few comparisons are);
/// - exact by enumerating all flips, met in the middle, with at most 40 that are not zero;
/// - else Monte Carlo, p = (hits + 1)/(replicates + 1) (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9(1), 2010).
///
/// - Parameters:
///   - differencesByCluster: one difference per unit of independence.
///   - replicates: how many flips, where it comes to Monte Carlo.
///   - stream: where they come from.
///   - alternative: the side on which the mean is looked for.
/// - Returns: statistic: the mean difference; n: the number of clusters, zeros included.
/// - Throws: `badData` for no differences, or one that is not finite.
public func signFlipTest(
    _ differencesByCluster: [Double], replicates: Int = 100_000, stream: RandomStream,
    alternative: Alternative = .twoSided
) throws(Diagnostic) -> TestResult {
    try Requirement.count(differencesByCluster, atLeast: 1, "differences")
    try Requirement.finite(differencesByCluster, "differences")
    try Requirement.that(replicates > 0, "no replicates were asked for", field: "replicates")
    let flips = SignFlips(differencesByCluster, alternative: alternative)
    let (p, method) = flips.pValue(replicates: replicates, stream: stream)
    let mean = differencesByCluster.reduce(0, +) / Double(differencesByCluster.count)
    return TestResult(statistic: mean, pValue: p, method: "sign-flip, \(method)", n: differencesByCluster.count)
}
