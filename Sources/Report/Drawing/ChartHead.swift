import Experiment

/// What stands above the plot, from the top: title and caption (where the picture stands alone), legend, the vertical axis's title,
/// the names of vertical lines.
struct ChartHead {
    let heading: Heading?
    let legend: Legend?
    let legendTop: Double
    let yTitle: TextLines
    let yTitleTop: Double
    let marks: MarkLabels
    let marksTop: Double
    /// Where the plot may begin.
    let bottom: Double

    init(_ plot: PlotFigure, form: ChartForm, x: AxisScale, isAlone: Bool, needsLegend: Bool) {
        let width = form.width - 2 * ChartLayout.edge
        heading = isAlone ? Heading(plot.figure, form: form) : nil
        legend = needsLegend ? Legend(plot.series, form: form, width: width) : nil
        yTitle = TextLines(plot.figure.y.title, size: form.letterSize, width: width, maximum: 3)
        marks = MarkLabels(plot.marks.map { (x.place($0.x), $0.name) }, form: form, right: form.width)
        legendTop = ChartLayout.edge + (heading?.height ?? 0)
        yTitleTop = legendTop + (legend.map { $0.height + 8 } ?? 0)
        marksTop = yTitleTop + Double(yTitle.lines.count) * form.lineHeight + (yTitle.lines.isEmpty ? 4 : 8)
        bottom = marksTop + Double(marks.rows) * form.lineHeight + (marks.rows > 0 ? 4 : 0)
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
        title = TextLines(figure.heading, size: titleSize * 1.08, width: form.width - 8, maximum: 3)
        caption = TextLines(figure.caption, size: captionSize, width: form.width - 8, maximum: 12)
        height =
            Double(title.lines.count) * titleSize * 1.3 + Double(caption.lines.count) * captionSize * 1.4 + 12
    }
}
