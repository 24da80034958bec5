import Diagnostics

/// How a quantile lies between two order statistics.
///
/// Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50(4), 1996.
public enum QuantileDefinition: Sendable, Hashable {
    /// Type 7, position 1 + (n − 1)p: the default of R and NumPy.
    case linear
    /// Type 6, position (n + 1)p: the one for percentile intervals, since the n + 1 gaps are equally likely.
    case weibull
}

/// The quantile of values at a share p in [0, 1].
///
/// - Throws: `badData` where there are no values or one is not finite.
public func quantile(
    _ values: [Double], at p: Double, definition: QuantileDefinition = .linear
) throws(Diagnostic) -> Double {
    try Requirement.count(values, atLeast: 1, "values")
    try Requirement.finite(values, "values")
    try Requirement.that((0...1).contains(p), "a quantile at \(p) does not exist", field: "p")
    return quantile(sorted: values.sorted(), at: p, definition: definition)
}

/// The same of values that are sorted, finite and not empty.
func quantile(sorted: [Double], at p: Double, definition: QuantileDefinition) -> Double {
    let n = Double(sorted.count)
    let position = definition == .linear ? (n - 1) * p : (n + 1) * p - 1
    let clamped = min(max(position, 0), n - 1)
    let below = Int(clamped)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (clamped - Double(below)) * (sorted[above] - sorted[below])
}
