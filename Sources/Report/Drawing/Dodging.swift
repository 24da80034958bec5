import Experiment

/// How far bars and points of several series are set apart where they stand at the same place.
struct Dodging {
    /// A bar's width in pixels.
    let width: Double
    private let offsets: [Double]

    func offset(of series: Int) -> Double { offsets[series] }

    init(_ layout: ChartLayout) {
        let distance = Self.distance(layout)
        let series = layout.plot.series
        let bars = series.indices.filter { series[$0].mark == .bars }
        let points = series.indices.filter { series[$0].mark == .points }
        let slot = min(distance * 0.8 / Double(max(1, bars.count)), 72)
        width = max(0.5, bars.count > 1 ? slot * 0.94 : slot)
        var offsets = [Double](repeating: 0, count: series.count)
        Self.spread(bars, slot, &offsets)
        if !bars.isEmpty, bars.count == points.count {
            Self.spread(points, slot, &offsets)
        } else if Self.meet(points.map { series[$0] }) {
            let widest = layout.plot.xKind.isCategorical ? 26 : layout.form.markerRadius * 1.9
            Self.spread(points, min(widest, distance * 0.6 / Double(max(1, points.count))), &offsets)
        }
        self.offsets = offsets
    }

    private static func spread(_ members: [Int], _ slot: Double, _ offsets: inout [Double]) {
        for (order, index) in members.enumerated() {
            offsets[index] = (Double(order) - Double(members.count - 1) / 2) * slot
        }
    }

    /// Whether two series have a point at one place.
    private static func meet(_ series: [PlotSeries]) -> Bool {
        var seen: Set<Double> = []
        for entry in series {
            let places = Set(entry.points.map(\.x))
            guard seen.isDisjoint(with: places) else { return true }
            seen.formUnion(places)
        }
        return false
    }

    /// Between neighbouring places, in pixels.
    private static func distance(_ layout: ChartLayout) -> Double {
        if case .categorical(let names) = layout.plot.xKind { return layout.x.length / Double(names.count) }
        let places = Set(
            layout.plot.series.filter { $0.mark != .line && $0.mark != .dashed }.flatMap(\.points).map(\.x))
        let sorted = places.map { layout.x.place($0) }.sorted()
        return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.min() ?? layout.x.length * 0.5
    }
}
