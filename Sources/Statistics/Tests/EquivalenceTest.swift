import Diagnostics

/// Two one-sided t tests that a mean lies within ±margin: small p is evidence of equivalence. A difference that is merely not
/// significant is none.
///
/// Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987: reject both H₀: μ ≤ −δ and H₀: μ ≥ δ; p is the larger. Same
/// decision as the t interval at level 1 − 2α inside ±δ.
///
/// - Parameters:
///   - differences: one per independent unit (a seed).
///   - margin: δ > 0, fixed before the data were seen.
/// - Returns: statistic: the t of the side that is harder to reject, towards the margin; p is 1 where one unit, or no variation,
///   leaves the error unknown.
/// - Throws: `badData` for no differences or one that is not finite, or a margin that is not positive.
public func equivalenceTest(_ differences: [Double], margin: Double) throws(Diagnostic) -> TestResult {
    try Requirement.that(margin > 0 && margin.isFinite, "a margin of \(margin) is not positive", field: "margin")
    let mean = try studentMean(differences)
    guard let error = mean.standardError else {
        return TestResult(statistic: 0, pValue: 1, method: "TOST, error unknown: \(mean.interval.method)", n: mean.n)
    }
    let t = (margin - mean.point.magnitude) / error
    let p = StudentTDistribution(degreesOfFreedom: Double(mean.n - 1)).survival(t)
    return TestResult(statistic: t, pValue: p, method: "TOST, df \(mean.n - 1)", n: mean.n)
}
