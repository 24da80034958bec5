/// From where to where an axis goes: all data, and of what reaches beyond them (intervals, fits) as much as does not squash them.
struct Extent: Equatable {
    var low: Double
    var high: Double

    /// What lies further from the data than this many of their own spans is cut at the frame.
    static let greatestReach = 2.5
    /// Numbers beyond are not drawn; spans of what is left do not overflow.
    static let greatest = 1e300
    /// Spans below are taken for none.
    private static let least = 1e-290
    private static let leastShare = 1e-9

    /// - Parameters:
    ///   - core: what must be seen; where it is empty, `reach` takes its place.
    ///   - reach: the ends of intervals, fits and bounds: within limits. Both finite, on the scale that is drawn (for a
    ///     logarithmic axis the logarithms).
    ///   - spread: what an interval usually spans, so that a single point's interval is not cut.
    init(core: [Double], reach: [Double], spread: Double = 0) {
        let finite = reach.filter { $0.magnitude <= Self.greatest }
        guard let range = Self.range(core.isEmpty ? finite : core) else {
            self.init(low: 0, high: 1)
            return
        }
        let size = max(range.high - range.low, spread)
        guard size > 0 else {
            self.init(low: min(range.low, finite.min() ?? range.low), high: max(range.high, finite.max() ?? range.high))
            return
        }
        self = range.widened(to: reach, room: Self.greatestReach * size, shaft: 0.15 * size)
    }

    /// Widened to what lies within `room`; by a `shaft` alone where what lies further is cut, so that its arrow has one.
    private func widened(to reach: [Double], room: Double, shaft: Double) -> Extent {
        let near = reach.filter { $0 >= low - room && $0 <= high + room }
        var copy = Extent(low: min(low, near.min() ?? low), high: max(high, near.max() ?? high))
        if reach.contains(where: { $0 < low - room }) { copy.low = min(copy.low, low - shaft) }
        if reach.contains(where: { $0 > high + room }) { copy.high = max(copy.high, high + shaft) }
        return copy
    }

    private init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    private static func range(_ values: [Double]) -> Extent? {
        guard let low = values.min(), let high = values.max() else { return nil }
        return Extent(low: low, high: high)
    }

    /// With room around a single value: half of it on both sides, or one where it is zero.
    func opened(isLog: Bool = false) -> Extent {
        let size = max(low.magnitude, high.magnitude)
        guard high - low <= max(Self.least, Self.leastShare * size) else { return self }
        let room = isLog ? 0.5 : (size > Self.least ? size / 2 : 1)
        let middle = size > Self.least || isLog ? low : 0
        return Extent(low: middle - room, high: middle + room)
    }

    /// The part that lies within bounds; all of it where that is no more than a point.
    func within(_ bounds: ClosedRange<Double>) -> Extent {
        let cut = Extent(low: max(low, bounds.lowerBound), high: min(high, bounds.upperBound))
        return cut.low < cut.high ? cut : self
    }

    /// With zero in it: always where bars stand on it, else where the data nearly reach it.
    func reachingZero(always: Bool) -> Extent {
        var copy = self
        if low > 0, always || low < 0.2 * high { copy.low = 0 }
        if high < 0, always || high > 0.2 * low { copy.high = 0 }
        return copy
    }

    /// With a share of the span added on either side; where it `stopsAtZero`, never across zero.
    func padded(by share: Double, stopsAtZero: Bool) -> Extent {
        let room = (high - low) * share
        var copy = Extent(low: low - room, high: high + room)
        guard stopsAtZero else { return copy }
        if low >= 0 { copy.low = max(0, copy.low) }
        if high <= 0 { copy.high = min(0, copy.high) }
        return copy
    }

    /// Widened to whole steps, on either side where that costs no more than half a step.
    func rounded(toStep step: Double) -> Extent {
        let (below, above) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
        return Extent(
            low: low - below <= step / 2 ? min(low, below) : low,
            high: above - high <= step / 2 ? max(high, above) : high)
    }
}
