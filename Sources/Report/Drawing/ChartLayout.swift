import Experiment

/// Where everything in a picture stands.
struct ChartLayout {
    let plot: PlotFigure
    let form: ChartForm
    let head: ChartHead
    let frame: Frame
    let x: AxisScale
    let y: AxisScale
    /// The ticks of axes with numbers, and the names of a vertical axis with names.
    let xTicks: [Tick]
    let yTicks: [Tick]
    let xLabels: AxisLabels
    let xTitle: TextLines
    let xTitleTop: Double
    let ends: EndLabels?
    let height: Double

    /// What is kept free at the edges of the picture.
    static let edge = 4.0

    /// - Parameters:
    ///   - isAlone: whether title and caption are part of the picture.
    ///   - showsLegend: whether series are named; a grid of small pictures names them once for all.
    ///   - top: how far down the plot begins at least; neighbours in a grid share it.
    init(_ plot: PlotFigure, form: ChartForm, isAlone: Bool = false, showsLegend: Bool = true, top: Double = 0) {
        self.plot = plot
        self.form = form
        let endTexts = showsLegend && form != .small ? EndLabels.texts(plot, form: form) : nil
        let endsWidth = endTexts?.map { $0.width(size: form.letterSize) }.max().map { $0 + EndLabels.offset + 2 } ?? 12
        var rows = Self.yRows(plot, form)
        let columns = Self.xColumns(plot, form, left: Self.left(of: rows.ticks, form), endsWidth: endsWidth)
        let needsLegend = showsLegend && endTexts == nil && Self.needsNames(plot)
        head = ChartHead(plot, form: form, x: columns.scale, isAlone: isAlone, needsLegend: needsLegend)
        let start = max(top, head.bottom)
        frame = Frame(left: columns.scale.start, top: start, right: columns.scale.end, bottom: start + form.plotHeight)
        let isDownward = plot.yKind.isCategorical
        rows.scale.start = isDownward ? frame.top : frame.bottom
        rows.scale.end = isDownward ? frame.bottom : frame.top
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

    /// Where the plot begins: behind the widest label of its vertical axis.
    private static func left(of ticks: [Tick], _ form: ChartForm) -> Double {
        (edge + (ticks.map { TextWidth.of($0.label, size: form.letterSize) }.max() ?? 0) + 8).rounded(.up)
    }

    /// The horizontal axis, ending where names at the ends of lines, or half of its own last label, have room.
    private static func xColumns(_ plot: PlotFigure, _ form: ChartForm, left: Double, endsWidth: Double) -> Axis {
        let axis = xColumns(plot, form, left, form.width - endsWidth)
        guard let last = axis.ticks.last else { return axis }
        let half = TextWidth.of(last.label, size: form.letterSize) / 2 + 2
        guard axis.scale.place(last.value) + half > form.width else { return axis }
        return xColumns(plot, form, left, form.width - max(endsWidth, half))
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
