import Experiment

extension SVGFigure {
    private var frame: Frame { layout.frame }
    private var size: Double { layout.form.letterSize }

    func drawNames(_ svg: inout Markup) {
        drawMarkNames(&svg)
        if let ends = layout.ends { drawEnds(&svg, ends) }
        if let legend = layout.head.legend { drawLegend(&svg, legend) }
    }

    // Vertical lines ----------------------------------------------------------------------------------------------

    func drawMarkLines(_ svg: inout Markup) {
        for label in layout.head.marks.labels {
            let top = layout.head.marksTop + Double(label.row) * layout.form.lineHeight + 2
            line(
                &svg, Place(x: label.x, y: top), Place(x: label.x, y: frame.bottom),
                [("class", "ax"), ("stroke-width", "1.2"), ("stroke-dasharray", "1.5 2.5")])
        }
    }

    private func drawMarkNames(_ svg: inout Markup) {
        for label in layout.head.marks.labels {
            letters(&svg, label.name, x: label.textX, y: layout.head.marksTop + baseline(label.row), [("class", "mu")])
        }
    }

    // Names at the ends of lines ----------------------------------------------------------------------------------

    private func drawEnds(_ svg: inout Markup, _ ends: EndLabels) {
        for label in ends.labels {
            let middle = Double(label.lines.lines.count - 1) / 2
            let x = frame.right + EndLabels.offset
            if abs(label.y - label.end.y) > 4 || label.end.x < frame.right - 25 { drawLeader(&svg, label) }
            for (row, text) in label.lines.lines.enumerated() {
                let y = label.y + (Double(row) - middle) * layout.form.lineHeight + size * 0.35
                letters(&svg, text, x: x, y: y, [("class", label.series.style.textClass)])
            }
        }
    }

    /// A thin line from a name to the line's end, where the name could not stand beside it.
    private func drawLeader(_ svg: inout Markup, _ label: EndLabels.Label) {
        let start = Place(x: min(label.end.x + 2, frame.right), y: label.end.y)
        let end = Place(x: frame.right + EndLabels.offset - 2, y: label.y)
        line(
            &svg, start, end,
            [("class", label.series.style.strokeClass), ("stroke-width", "0.8"), ("stroke-opacity", "0.7")])
    }

    // Legend ------------------------------------------------------------------------------------------------------

    private func drawLegend(_ svg: inout Markup, _ legend: Legend) {
        for entry in legend.entries {
            let place = Place(x: 4 + entry.place.x, y: layout.head.legendTop + entry.place.y)
            LegendSign(series: entry.series, radius: layout.form.markerRadius).draw(&svg, at: place)
            letters(
                &svg, entry.name, x: place.x + Legend.textOffset, y: place.y + size * 0.35, [("class", "tx")])
        }
    }
}

/// How a series is drawn, in small.
struct LegendSign {
    let series: PlotSeries
    let radius: Double

    /// - Parameter place: the left end of the sign's middle line.
    func draw(_ svg: inout Markup, at place: Place) {
        switch series.mark {
        case .bars: drawBox(&svg, place)
        case .points: drawMarker(&svg, place)
        case .line, .dashed: drawLine(&svg, place)
        }
    }

    private func drawBox(_ svg: inout Markup, _ place: Place) {
        let box = [place.x + 6, place.y - 6].map(Numeral.coordinate)
        svg.leaf(
            "rect",
            [("class", series.style.fillClass), ("x", box[0]), ("y", box[1]), ("width", "12"), ("height", "12")])
    }

    private func drawMarker(_ svg: inout Markup, _ place: Place) {
        let path = series.style.shape.path(x: place.x + Legend.signWidth / 2, y: place.y, radius: radius)
        svg.leaf("path", [("class", series.style.fillClass), ("d", path)])
    }

    private func drawLine(_ svg: inout Markup, _ place: Place) {
        let dash = series.mark == .dashed ? SeriesStyle.reference : SeriesStyle.dashes[series.style.dash]
        let line = [place, Place(x: place.x + Legend.signWidth, y: place.y)]
        svg.leaf(
            "path",
            [("class", series.style.strokeClass), ("fill", "none"), ("stroke-width", "2")]
                + (dash.isEmpty ? [] : [("stroke-dasharray", dash)]) + [("d", PathText(line).text)])
        if series.mark == .line { drawMarker(&svg, place) }
    }
}
