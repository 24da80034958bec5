/// McNemar's exact two-sided test of two binary outcomes on the same prompts: of the discordant prompts, each side should
/// win half.
///
/// McNemar, Psychometrika 12, 1947; p = min(1, 2 P(X ≤ min(b, c))) with X binomial(b + c, ½). With no discordant prompt p is 1.
///
/// - Parameters:
///   - firstOnly: prompts that only the first got right, b.
///   - secondOnly: prompts that only the second got right, c.
/// - Returns: statistic b − c, n = b + c.
/// - Precondition: neither count is negative.
public func exactMcNemar(firstOnly: Int, secondOnly: Int) -> TestResult {
    let distribution = discordance(firstOnly, secondOnly)
    let p = min(1, 2 * distribution.cumulative(min(firstOnly, secondOnly)))
    return TestResult(
        statistic: Double(firstOnly - secondOnly), pValue: p, method: "exact McNemar", n: firstOnly + secondOnly)
}

/// McNemar's test with the mid-p value: less conservative than the exact one, and not guaranteed to keep its level.
///
/// Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91, 2013: the exact p less P(X = min(b, c)).
///
/// - Returns: statistic b − c, n = b + c.
/// - Precondition: neither count is negative.
public func midPMcNemar(firstOnly: Int, secondOnly: Int) -> TestResult {
    let distribution = discordance(firstOnly, secondOnly)
    let fewer = min(firstOnly, secondOnly)
    let p =
        firstOnly == secondOnly
        ? 1 - distribution.mass(fewer) / 2 : 2 * distribution.cumulative(fewer) - distribution.mass(fewer)
    return TestResult(
        statistic: Double(firstOnly - secondOnly), pValue: firstOnly + secondOnly == 0 ? 1 : p, method: "mid-p McNemar",
        n: firstOnly + secondOnly)
}

private func discordance(_ firstOnly: Int, _ secondOnly: Int) -> BinomialDistribution {
    precondition(firstOnly >= 0 && secondOnly >= 0, "counts cannot be negative")
    return BinomialDistribution(trials: firstOnly + secondOnly, probability: 0.5)
}
