/// The numbers that a key may take.
public enum NumberRange: Sendable, Hashable {
    /// Any finite number.
    case finite
    case positive
    case nonNegative
    case closed(ClosedRange<Double>)

    public func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch self {
        case .finite: true
        case .positive: value > 0
        case .nonNegative: value >= 0
        case .closed(let range): range.contains(value)
        }
    }
}

extension NumberRange: CustomStringConvertible {
    /// `a finite number`, `a number greater than 0`, …
    public var description: String {
        switch self {
        case .finite: "a finite number"
        case .positive: "a number greater than 0"
        case .nonNegative: "a number of at least 0"
        case .closed(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
