import Diagnostics

/// The share of values that equal the largest one: near 1 a reward has saturated and tells responses apart no more.
///
/// - Throws: `badData` for no values or a NaN.
public func shareAtMaximum(_ values: [Double]) throws(Diagnostic) -> Double {
    try Requirement.count(values, atLeast: 1, "values")
    try Requirement.ordered(values, "values")
    let largest = values.reduce(-Double.infinity, max)
    return Double(values.count { $0 == largest }) / Double(values.count)
}
