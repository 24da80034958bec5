import Diagnostics

/// The first reading from which a signal stays on the far side of a threshold for some readings.
///
/// - Parameters:
///   - values: readings in order; `nil` where there was none, which ends a stay.
///   - threshold: reached counts as crossed.
///   - side: `.greater` looks for a rise to the threshold, `.less` for a fall.
///   - sustained: how many readings in a row must lie there, at least 1; the first of them is returned.
/// - Returns: its index; `nil` where that never happens.
public func firstCrossing(
    _ values: [Double?], of threshold: Double, side: Alternative, sustained: Int = 1
) throws(Diagnostic) -> Int? {
    try Requirement.that(sustained >= 1, "a stay of \(sustained) readings is none", field: "sustained")
    try Requirement.that(side != .twoSided, "a crossing has a side", field: "side")
    try Requirement.finite([threshold], "threshold")
    var stay = 0
    for (index, value) in values.enumerated() {
        let isBeyond = value.map { side == .greater ? $0 >= threshold : $0 <= threshold } ?? false
        stay = isBeyond ? stay + 1 : 0
        if stay == sustained { return index - sustained + 1 }
    }
    return nil
}
