/// A set of values for an unknown quantity that holds the true one in a share ``level`` of repetitions.
///
/// Usually one segment; an end may be infinite, and a ratio's set (``fiellerRatio(numerators:denominators:level:)``) may be
/// the two rays outside a gap. ``lower`` and ``upper`` are the ends of its hull, so a rule such as "lower bound above the
/// margin" stays right for every shape.
public struct Interval: Sendable, Hashable {
    /// In which sense the level is kept.
    public enum Validity: String, Sendable, Hashable, CaseIterable {
        /// Approximately, at a sample size fixed before.
        case fixedN = "fixed-n"
        /// At least the level at every sample size and parameter, for a sample size fixed before.
        case exact
        /// At all sample sizes at once, so looking and stopping at will is allowed.
        case anytimeValid = "anytime-valid"
    }

    /// The closed segments of the set, ascending and disjoint; ends may be infinite.
    public let pieces: [ClosedRange<Double>]
    /// The share of repetitions in which the set holds the true value, in (0, 1).
    public let level: Double
    /// How the set was made, as a reader of a table needs to know it.
    public let method: String
    public let validity: Validity

    /// One segment. Ends that rounding has crossed are put in order; neither may be NaN.
    public init(lower: Double, upper: Double, level: Double, method: String, validity: Validity) {
        self.init(
            pieces: [min(lower, upper)...max(lower, upper)], level: level, method: method, validity: validity)
    }

    /// A union of segments, ascending and disjoint, at least one.
    public init(pieces: [ClosedRange<Double>], level: Double, method: String, validity: Validity) {
        precondition(!pieces.isEmpty, "an interval has at least one piece")
        self.pieces = pieces
        self.level = level
        self.method = method
        self.validity = validity
    }

    /// The whole line: nothing could be said, and ``method`` says why.
    public static func unbounded(level: Double, method: String, validity: Validity = .fixedN) -> Interval {
        Interval(lower: -.infinity, upper: .infinity, level: level, method: method, validity: validity)
    }
}

extension Interval {
    /// The lower end of the hull; −∞ where the set has no lower bound.
    public var lower: Double { pieces[0].lowerBound }
    /// The upper end of the hull; +∞ where the set has no upper bound.
    public var upper: Double { pieces[pieces.count - 1].upperBound }
    /// Half the hull's width, infinite where the set is unbounded.
    public var halfWidth: Double { (upper - lower) / 2 }
    public var isBounded: Bool { lower.isFinite && upper.isFinite }
    /// Whether the set has a gap, as Fieller's has when the denominator is not clear of zero.
    public var isUnion: Bool { pieces.count > 1 }

    public func contains(_ value: Double) -> Bool { pieces.contains { $0.contains(value) } }

    /// The set without what lies outside a range that the quantity cannot leave. Coverage is unchanged.
    public func clipped(to range: ClosedRange<Double>?) -> Interval {
        guard let range else { return self }
        let inside = pieces.filter { $0.overlaps(range) }.map { $0.clamped(to: range) }
        guard !inside.isEmpty else { return self }
        return Interval(pieces: inside, level: level, method: method, validity: validity)
    }
}
