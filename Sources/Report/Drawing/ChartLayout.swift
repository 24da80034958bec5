import Experiment

/// Where everything in a picture stands.
struct ChartLayout {
    let plot: PlotFigure
    let form: ChartForm
    /// The figure's title and caption above the drawing, where the picture stands alone.
    let heading: Heading?
    let legend: Legend?
    let legendTop: Double
    let yTitle: TextLines
    let yTitleTop: Double
    let marks: MarkLabels
    let marksTop: Double
    let frame: Frame
    let x: AxisScale
    let y: AxisScale
    let xLabels: AxisLabels
    /// The ticks of axes with numbers; minor ones have no label.
    let xTicks: [Tick]
    let yTicks: [Tick]
    let xTitle: TextLines
    let xTitleTop: Double
    let ends: EndLabels?
    let height: Double

    private static let edge = 4.0

    /// - Parameters:
    ///   - isAlone: whether title and caption are part of the picture.
    ///   - showsLegend: whether series are named; a grid of small pictures names them once for all.
    init(_ plot: PlotFigure, form: ChartForm, isAlone: Bool, showsLegend: Bool) {
        self.plot = plot
        self.form = form
        heading = isAlone ? Heading(plot.figure, form: form) : nil
        let endTexts = showsLegend && form != .small ? EndLabels.texts(plot, form: form) : nil
        let needsLegend = showsLegend && endTexts == nil && Self.needsNames(plot)

        var rows = Self.yRows(plot, form)
        let gutter = rows.ticks.map { TextWidth.of($0.label, size: form.letterSize) }.max() ?? 0
        let left = (Self.edge + gutter + 8).rounded(.up)
        let endsWidth = endTexts?.map { $0.width(size: form.letterSize) }.max().map { $0 + EndLabels.offset + 2 }
        var right = form.width - (endsWidth ?? 12)
        var columns = Self.xColumns(plot, form, left, right)
        let overhang = columns.ticks.last.map { TextWidth.of($0.label, size: form.letterSize) / 2 + 2 } ?? 0
        if columns.scale.place(columns.ticks.last?.value ?? 0) + overhang > form.width {
            right = form.width - max(endsWidth ?? 0, overhang)
            columns = Self.xColumns(plot, form, left, right)
        }

        var top = Self.edge + (heading?.height ?? 0)
        legendTop = top
        legend = needsLegend ? Legend(plot.series, form: form, width: form.width - 2 * Self.edge) : nil
        if let legend { top += legend.height + 6 }
        yTitleTop = top
        yTitle = TextLines(plot.figure.y.title, size: form.letterSize, width: form.width - 2 * Self.edge, maximum: 3)
        top += Double(yTitle.lines.count) * form.lineHeight + (yTitle.lines.isEmpty ? 4 : 8)
        marksTop = top
        let scale = columns.scale
        marks = MarkLabels(plot.marks.map { (scale.place($0.x), $0.name) }, form: form, right: form.width)
        top += Double(marks.rows) * form.lineHeight + (marks.rows > 0 ? 4 : 0)

        frame = Frame(left: left, top: top, right: right, bottom: top + form.plotHeight)
        (rows.scale.start, rows.scale.end) = plot.yKind.isCategorical ? (frame.top, frame.bottom) : (frame.bottom, frame.top)
        (x, xTicks) = columns
        (y, yTicks) = rows
        xLabels = Self.xLabels(columns, form)
        xTitleTop = frame.bottom + xLabels.height + 4
        xTitle = TextLines(plot.figure.x.title, size: form.letterSize, width: form.width - 2 * Self.edge, maximum: 3)
        height = (xTitleTop + Double(xTitle.lines.count) * form.lineHeight + Self.edge).rounded(.up)
        let (x, y, frame) = (x, y, frame)
        ends = endTexts.map { EndLabels(plot, texts: $0, form: form, frame: frame, x: x, y: y) }
    }

    /// A single series needs no name where the axis or the title says it.
    private static func needsNames(_ plot: PlotFigure) -> Bool {
        let names = Set(plot.series.map(\.name))
        guard names.count == 1, let name = names.first else { return names.count > 1 }
        let said = [plot.figure.title, plot.figure.y.title].map { $0.lowercased() }
        return !name.isEmpty && !said.contains { $0.contains(name.lowercased()) }
    }
}

extension ChartLayout {
    typealias Axis = (scale: AxisScale, ticks: [Tick])

    /// The vertical axis, with its ends at whole ticks and in pixels from 0 to the plot's height.
    private static func yRows(_ plot: PlotFigure, _ form: ChartForm) -> Axis {
        var scale = AxisScale(kind: plot.yKind, extent: plot.yExtent, start: form.plotHeight, end: 0)
        let maximum = max(3, Int(form.plotHeight / form.tickDistance.y))
        switch plot.yKind {
        case .categorical(let names):
            return (scale, nameTicks(names, width: form.width * 0.3, form))
        case .log:
            return (scale, LogTicks(from: scale.low, to: scale.high, maximum: maximum).ticks)
        case .linear:
            let step = LinearTicks(from: scale.low, to: scale.high, maximum: maximum).step
            scale.extent = scale.extent.rounded(toStep: step)
            return (scale, LinearTicks(from: scale.low, to: scale.high, maximum: maximum + 2).ticks)
        }
    }

    private static func nameTicks(_ names: [String], width: Double, _ form: ChartForm) -> [Tick] {
        names.enumerated().map { index, name in
            Tick(value: Double(index), label: TextLines.shortened(name, size: form.letterSize, width: width))
        }
    }

    private static func xColumns(_ plot: PlotFigure, _ form: ChartForm, _ left: Double, _ right: Double) -> Axis {
        let scale = AxisScale(kind: plot.xKind, extent: plot.xExtent, start: left, end: right)
        let maximum = max(2, Int((right - left) / form.tickDistance.x))
        let fits = { (ticks: [Tick]) in haveRoom(ticks, scale, form) }
        switch plot.xKind {
        case .categorical:
            return (scale, [])
        case .log:
            let data = plot.series.filter { $0.mark != .dashed }.flatMap(\.points).map(\.x)
            return (
                scale, LogTicks(from: scale.low, to: scale.high, data: data, maximum: maximum * 2, fits: fits).ticks
            )
        case .linear:
            return (scale, LinearTicks(from: scale.low, to: scale.high, maximum: maximum, fits: fits).ticks)
        }
    }

    /// Whether labels keep the width of a letter between them.
    private static func haveRoom(_ ticks: [Tick], _ scale: AxisScale, _ form: ChartForm) -> Bool {
        var end = -Double.infinity
        for tick in ticks {
            let (middle, width) = (scale.place(tick.value), TextWidth.of(tick.label, size: form.letterSize))
            guard middle - width / 2 > end else { return false }
            end = middle + width / 2 + form.letterSize * 0.9
        }
        return true
    }

    private static func xLabels(_ axis: Axis, _ form: ChartForm) -> AxisLabels {
        guard case .categorical(let names) = axis.scale.kind else {
            return AxisLabels(numbers: axis.ticks.map { (axis.scale.place($0.value), $0.label) }, form: form)
        }
        let places = names.enumerated().map { (axis.scale.place(Double($0.offset)), $0.element) }
        return AxisLabels(names: places, distance: axis.scale.length / Double(names.count), form: form)
    }
}

/// A figure's title and caption, broken into lines, above a picture that stands alone.
struct Heading {
    let title: TextLines
    let caption: TextLines
    let titleSize: Double
    let captionSize: Double
    let height: Double

    init(_ figure: Figure, form: ChartForm) {
        titleSize = form.letterSize + 4
        captionSize = form.letterSize
        title = TextLines(figure.title, size: titleSize * 1.08, width: form.width - 8, maximum: 3)
        caption = TextLines(figure.caption, size: captionSize, width: form.width - 8, maximum: 12)
        height =
            Double(title.lines.count) * titleSize * 1.3 + Double(caption.lines.count) * captionSize * 1.4 + 12
    }
}
