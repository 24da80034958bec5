import Statistics

extension Estimate {
    var cell: FindingTable.Cell {
        guard point.isFinite else { return .missing }
        return .estimate(point: point, lower: interval.lower, upper: interval.upper)
    }
}

/// `0.21 [0.1, 0.3]`; a set in two pieces as both of them.
func brief(_ estimate: Estimate) -> String {
    let pieces = estimate.interval.pieces.map { "[\(brief($0.lowerBound)), \(brief($0.upperBound))]" }
    return "\(brief(estimate.point)) \(pieces.joined(separator: " or "))"
}

/// Three decimals, or three digits of what is smaller than a tenth.
func brief(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : value < 0 ? "−∞" : "∞" }
    var scale = 1000.0
    while value != 0, (value * scale).magnitude < 100, scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded < 0 ? "−\(-rounded)" : "\(rounded.magnitude)"
}
