import Experiment

/// A point that has a place on both axes.
struct PlotPoint {
    var x: Double
    var y: Double
    /// The interval's ends in order, each only where it is known; they may be infinite.
    var lower: Double?
    var upper: Double?
}

/// A series without what cannot be drawn.
struct PlotSeries {
    let name: String
    let mark: Figure.Series.Mark
    let style: SeriesStyle
    /// Neighbouring points; a missing one ends a run.
    private(set) var runs: [[PlotPoint]] = []
    /// Points with a coordinate that is no number.
    private(set) var missing = 0
    /// Points with an infinite coordinate, or one too large to draw.
    private(set) var infinite = 0
    /// Points outside the names of a categorical axis, or at or below zero on a logarithmic one.
    private(set) var outside = 0

    var points: [PlotPoint] { runs.flatMap { $0 } }

    init(_ series: Figure.Series, style: SeriesStyle, x: AxisScale.Kind, y: AxisScale.Kind) {
        name = series.name
        self.style = style
        mark = series.mark == .bars && y == .log ? .points : series.mark
        var run: [PlotPoint] = []
        for point in series.points {
            if AxisScale.canShow(point.x, on: x), AxisScale.canShow(point.y, on: y) {
                run.append(Self.ordered(point))
            } else {
                count(point)
                if !run.isEmpty { runs.append(run) }
                run = []
            }
        }
        if !run.isEmpty { runs.append(run) }
    }

    private mutating func count(_ point: Figure.Point) {
        let coordinates = [point.x, point.y]
        if coordinates.contains(where: \.isNaN) {
            missing += 1
        } else if coordinates.contains(where: { $0.magnitude > Extent.greatest }) {
            infinite += 1
        } else {
            outside += 1
        }
    }

    private static func ordered(_ point: Figure.Point) -> PlotPoint {
        let ends = [point.lower, point.upper].map { $0.flatMap { $0.isNaN ? nil : $0 } }
        guard let lower = ends[0], let upper = ends[1] else {
            return PlotPoint(x: point.x, y: point.y, lower: ends[0], upper: ends[1])
        }
        return PlotPoint(x: point.x, y: point.y, lower: min(lower, upper), upper: max(lower, upper))
    }
}
