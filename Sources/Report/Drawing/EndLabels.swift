import Experiment

/// The names of lines at their right ends.
struct EndLabels {
    struct Label {
        var series: PlotSeries
        var lines: TextLines
        /// Where its line ends.
        var end: Place
        /// The middle of the text.
        var y: Double
    }

    private(set) var labels: [Label] = []

    static let offset = 12.0

    /// The texts alone, to know how wide they are; `nil` where names at the ends would not serve: more than four series, other
    /// than lines, ends far from the right, or names too long.
    static func texts(_ plot: PlotFigure, form: ChartForm) -> [TextLines]? {
        let drawn = plot.series.filter { !$0.runs.isEmpty }
        guard (1...4).contains(drawn.count), drawn.allSatisfy({ $0.mark == .line || $0.mark == .dashed }) else {
            return nil
        }
        guard Set(drawn.map(\.name)).count == drawn.count, drawn.allSatisfy({ endsRight($0, plot) }) else { return nil }
        let texts = drawn.map { TextLines($0.name, size: form.letterSize, width: form.width * 0.2, maximum: 2) }
        return texts.allSatisfy(\.isWhole) ? texts : nil
    }

    private static func endsRight(_ series: PlotSeries, _ plot: PlotFigure) -> Bool {
        guard let last = series.runs.last?.last else { return false }
        let scale = AxisScale(kind: plot.xKind, extent: plot.xExtent)
        return scale.place(last.x) > 0.88
    }

    init(_ plot: PlotFigure, texts: [TextLines], form: ChartForm, frame: Frame, x: AxisScale, y: AxisScale) {
        let drawn = plot.series.filter { !$0.runs.isEmpty }
        let ends = drawn.compactMap { series in
            series.runs.last?.last.map { Place(x: x.place($0.x), y: min(max(y.place($0.y), frame.top), frame.bottom)) }
        }
        let heights = texts.map { Double($0.lines.count) * form.lineHeight }
        let spacing = LabelSpacing(
            wanted: ends.map(\.y), heights: heights, range: frame.top - 6...frame.bottom + form.lineHeight / 2)
        for (index, series) in drawn.enumerated() {
            labels.append(Label(series: series, lines: texts[index], end: ends[index], y: spacing.places[index]))
        }
    }
}
