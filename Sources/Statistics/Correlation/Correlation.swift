import Diagnostics

/// Pearson's product-moment correlation.
///
/// - Throws: `badData` for fewer than two pairs, a value that is not finite, or a side that does not vary, which leaves the
///   correlation undefined.
public func pearsonCorrelation(_ first: [Double], _ second: [Double]) throws(Diagnostic) -> Double {
    try requirePairs(first, second)
    try Requirement.finite(first, "first")
    try Requirement.finite(second, "second")
    let (a, b) = (deviations(first), deviations(second))
    let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    let norm = a.reduce(0) { $0 + $1 * $1 }.squareRoot() * b.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return max(-1, min(1, product / norm))
}

/// Spearman's rank correlation: Pearson's over average ranks, the definition that stays right under ties (Kendall and Gibbons,
/// Rank Correlation Methods, 1990, section 3.8).
///
/// - Throws: `badData` for fewer than two pairs, a NaN, or a side that does not vary.
public func spearmanCorrelation(_ first: [Double], _ second: [Double]) throws(Diagnostic) -> Double {
    try requirePairs(first, second)
    return try pearsonCorrelation(averageRanks(first), averageRanks(second))
}

func requirePairs(_ first: [Double], _ second: [Double]) throws(Diagnostic) {
    try Requirement.sameCount(first.count, second.count, "the two sides of a correlation")
    try Requirement.count(first, atLeast: 2, "first")
    for (side, name) in [(first, "first"), (second, "second")] {
        try Requirement.ordered(side, name)
        try Requirement.that(
            side.contains { $0 != side[0] }, "all values are equal, so a correlation is undefined", field: name)
    }
}

/// Deviations from the mean, scaled by the largest so that their squares neither overflow nor vanish.
private func deviations(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
    let centred = values.map { $0 - mean }
    let largest = centred.reduce(0) { max($0, $1.magnitude) }
    return largest > 0 ? centred.map { $0 / largest } : centred
}
