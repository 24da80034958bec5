import Experiment

/// A figure's series with their styles, and the axes they need.
struct PlotFigure {
    let figure: Figure
    let series: [PlotSeries]
    let xKind: AxisScale.Kind
    let yKind: AxisScale.Kind
    /// Vertical lines that stand within the axis.
    private(set) var marks: [(x: Double, name: String)] = []
    private var farMarks: [(x: Double, name: String)] = []
    private(set) var xExtent = Extent(core: [], reach: [])
    /// Before it is widened to whole ticks.
    private(set) var yExtent = Extent(core: [], reach: [])

    init(_ figure: Figure) {
        self.figure = figure
        let (xKind, yKind) = (AxisScale.Kind(figure.x), AxisScale.Kind(figure.y))
        self.xKind = xKind
        self.yKind = yKind
        let styles = SeriesStyle.assigned(to: figure.series)
        series = zip(figure.series, styles).map { PlotSeries($0, style: $1, x: xKind, y: yKind) }
        xExtent = makeXExtent()
        yExtent = makeYExtent()
        let scale = AxisScale(kind: xKind, extent: xExtent)
        marks = figure.marks.filter { AxisScale.canShow($0.x, on: xKind) && scale.contains($0.x) }
        farMarks = figure.marks.filter { !(AxisScale.canShow($0.x, on: xKind) && scale.contains($0.x)) }
    }

    var isEmpty: Bool { series.allSatisfy(\.runs.isEmpty) }

    // Extents -----------------------------------------------------------------------------------------------------

    /// What must be seen, and what only lends it meaning.
    private func split(_ value: (PlotPoint) -> Double) -> (core: [Double], reach: [Double]) {
        let data = series.filter { $0.mark != .dashed }.flatMap(\.points).map(value)
        return (data, series.filter { $0.mark == .dashed }.flatMap(\.points).map(value))
    }

    private func makeXExtent() -> Extent {
        if case .categorical(let names) = xKind { return .categories(names.count) }
        let (core, reach) = split { AxisScale.drawn($0.x, on: xKind) }
        let extent = Extent(core: core, reach: reach + nearMarks(Extent(core: core, reach: reach)))
        let isLog = xKind == .log
        let opened = extent.opened(isLog: isLog)
        let rooted = isLog ? opened : opened.reachingZero(always: false)
        if series.contains(where: { $0.mark == .bars }) {
            return opened.padded(by: barRoom(opened), stopsAtZero: false)
        }
        let hasPoints = series.contains { $0.mark == .points || $0.points.count < 30 }
        return rooted.padded(by: hasPoints ? 0.025 : 0, stopsAtZero: !isLog && !core.contains(0))
    }

    /// Vertical lines within half a span of the data, or all where there are no data.
    private func nearMarks(_ extent: Extent) -> [Double] {
        let marks = figure.marks.map(\.x).filter { AxisScale.canShow($0, on: xKind) }
        let places = marks.map { AxisScale.drawn($0, on: xKind) }
        let room = 0.5 * (extent.high - extent.low)
        return places.filter { isEmpty || room == 0 || ($0 >= extent.low - room && $0 <= extent.high + room) }
    }

    /// Half the distance of neighbouring bars, as a share of the axis.
    private func barRoom(_ extent: Extent) -> Double {
        let places = Set(series.flatMap(\.points).map { AxisScale.drawn($0.x, on: xKind) })
        return 0.6 / Double(max(1, places.count - 1))
    }

    private func makeYExtent() -> Extent {
        if case .categorical(let names) = yKind { return .categories(names.count) }
        let (core, reach) = split { AxisScale.drawn($0.y, on: yKind) }
        let intervals = series.flatMap(\.points).flatMap { [$0.lower, $0.upper] }.compactMap { $0 }
        let ends = intervals.map { AxisScale.drawn($0, on: yKind) }
        var extent = Extent(core: core, reach: reach + ends, spread: usualWidth).opened(isLog: yKind == .log)
        if yKind != .log, let bounds = figure.y.bounds {
            // Data that lie outside all the same are shown.
            let (low, high) = (core.min() ?? bounds.lowerBound, core.max() ?? bounds.upperBound)
            extent = extent.within(min(low, bounds.lowerBound)...max(high, bounds.upperBound))
        }
        guard yKind != .log else { return extent.padded(by: 0.05, stopsAtZero: false) }
        var rooted = extent.reachingZero(always: series.contains { $0.mark == .bars })
        // An arrow that ends at zero would look like a bound there.
        if rooted.low == 0, ends.contains(where: { $0 < 0 }) { rooted.low = -0.12 * rooted.high }
        if rooted.high == 0, ends.contains(where: { $0 > 0 }) { rooted.high = -0.12 * rooted.low }
        return rooted.padded(by: 0.03, stopsAtZero: true)
    }

    /// The median of the intervals' widths, of those that have one.
    private var usualWidth: Double {
        let widths = series.flatMap(\.points).compactMap { point -> Double? in
            guard let lower = point.lower, let upper = point.upper, lower.isFinite, upper.isFinite else { return nil }
            guard max(lower.magnitude, upper.magnitude) <= Extent.greatest, yKind != .log || lower > 0 else {
                return nil
            }
            return AxisScale.drawn(upper, on: yKind) - AxisScale.drawn(lower, on: yKind)
        }
        return widths.isEmpty ? 0 : widths.sorted()[widths.count / 2]
    }

    // Notes -------------------------------------------------------------------------------------------------------

    /// What a reader cannot see: how many points are not there, and why; which intervals are cut.
    func notes(_ y: AxisScale) -> [String] {
        var notes: [String] = []
        let reasons: [(KeyPath<PlotSeries, Int>, String)] = [
            (\.missing, "missing"), (\.infinite, "not finite"), (\.outside, outsideReason),
        ]
        for (count, reason) in reasons {
            let total = series.reduce(0) { $0 + $1[keyPath: count] }
            if total > 0 { notes.append("\(total) of \(pointCount) points \(total == 1 ? "is" : "are") \(reason).") }
        }
        if figure.series.contains(where: { $0.mark == .bars }), yKind == .log {
            notes.append("A logarithmic axis has no zero for bars to stand on; they are drawn as points.")
        }
        if series.contains(where: { hasCutInterval($0, y) }) {
            notes.append("An arrow at the frame: the interval goes on.")
        }
        return notes + farMarks.map { "\($0.name) (\(Numeral.short($0.x))) lies outside the axis." }
    }

    /// All points, also those that cannot be drawn.
    var pointCount: Int { figure.series.reduce(0) { $0 + $1.points.count } }

    private var outsideReason: String {
        xKind == .log || yKind == .log
            ? "at or below zero, where a logarithmic axis has no place" : "outside the categories"
    }

    private func hasCutInterval(_ series: PlotSeries, _ y: AxisScale) -> Bool {
        series.points.contains { point in
            [point.lower, point.upper].contains { $0.map { !y.contains($0) } ?? false }
        }
    }
}

extension Extent {
    /// From half a place before the first name to half a place behind the last.
    fileprivate static func categories(_ count: Int) -> Extent {
        Extent(core: [-0.5, Double(count) - 0.5], reach: [])
    }
}
