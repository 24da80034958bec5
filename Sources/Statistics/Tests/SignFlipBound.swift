import Diagnostics

/// One-sided bounds on a mean whose values are symmetric about it, exact at any number of units.
public struct SignFlipBounds: Sendable, Hashable {
    /// Below the mean with probability at least 1 − α; −∞ where there are too few units for the level.
    public var lower: Double
    /// Above the mean with probability at least 1 − α; +∞ where there are too few units for the level.
    public var upper: Double
    public var method: String
}

/// The means that Fisher's one-sided sign-flip test does not reject: with the means of all subsets of the values ascending,
/// the ⌊α·2ⁿ⌋-th is the lower bound, and the one as far from the end is the upper.
///
/// Hartigan, "Using subsample values as typical values", JASA 64, 1969. Fewer than log₂(1/α) units (five at α = 0.05) can
/// bound nothing. Beyond 16 units subsets are drawn: the identity counts as one more draw (Phipson and Smyth, 2010).
///
/// - Parameters:
///   - differences: one per independent unit (a seed).
///   - alpha: the error allowed on each side, in (0, 0.5].
///   - replicates: how many subsets, beyond 16 units.
///   - stream: where they come from.
/// - Throws: `badData` for no differences or one that is not finite; `usage` for an α outside (0, 0.5].
public func signFlipBounds(
    _ differences: [Double], alpha: Double = 0.05, replicates: Int = 20_000, stream: RandomStream
) throws(Diagnostic) -> SignFlipBounds {
    try Requirement.count(differences, atLeast: 1, "differences")
    try Requirement.finite(differences, "differences")
    try Requirement.that(replicates > 0, "no replicates were asked for", field: "replicates")
    guard alpha > 0, alpha <= 0.5 else {
        throw Diagnostic(.usage, "an error of \(alpha) is not in (0, 0.5]", at: .init(field: "alpha"))
    }
    let isExact = differences.count <= 16
    let means = (isExact ? allSubsetMeans(differences) : drawnSubsetMeans(differences, replicates, stream)).sorted()
    let place = Int((alpha * Double(means.count + 1) + 1e-9).rounded(.down))
    let method = isExact ? "sign-flip, exact by enumeration" : "sign-flip, Monte Carlo, \(replicates) replicates"
    guard place >= 1 else { return SignFlipBounds(lower: -.infinity, upper: .infinity, method: method) }
    return SignFlipBounds(lower: means[place - 1], upper: means[means.count - place], method: method)
}

/// The means of the 2ⁿ − 1 subsets that are not empty.
private func allSubsetMeans(_ values: [Double]) -> [Double] {
    var sums = [(sum: 0.0, count: 0)]
    for value in values { sums += sums.map { ($0.sum + value, $0.count + 1) } }
    return sums.dropFirst().map { $0.sum / Double($0.count) }
}

/// Means of random subsets; an empty one, which no mean is rejected by, is drawn again with a chance below 2⁻¹⁶.
private func drawnSubsetMeans(_ values: [Double], _ replicates: Int, _ stream: RandomStream) -> [Double] {
    var stream = stream
    var means: [Double] = []
    while means.count < replicates {
        let drawn = values.filter { _ in stream.next() >> 63 == 1 }
        if !drawn.isEmpty { means.append(drawn.reduce(0, +) / Double(drawn.count)) }
    }
    return means
}
