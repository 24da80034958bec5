import Experiment

extension SVGFigure {
    private var frame: Frame { layout.frame }

    /// Bands first, so that they hide nothing; fits upon lines, so that they are seen where both agree; points last.
    func drawSeries(_ svg: inout Markup) {
        for series in layout.plot.series where series.mark == .line { drawBands(&svg, series) }
        drawMarkLines(&svg)
        let dodging = Dodging(layout)
        for (index, series) in layout.plot.series.enumerated() where series.mark == .bars {
            drawBars(&svg, series, dodging, index)
        }
        for series in layout.plot.series where series.mark == .line { drawLine(&svg, series) }
        for series in layout.plot.series where series.mark == .dashed { drawLine(&svg, series) }
        for (index, series) in layout.plot.series.enumerated() where series.mark == .points {
            drawPoints(&svg, series, offset: dodging.offset(of: index))
        }
        if layout.plot.isEmpty { drawNothing(&svg) }
    }

    private func drawNothing(_ svg: inout Markup) {
        letters(
            &svg, "no data", x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2,
            [("class", "mu"), ("text-anchor", "middle")])
    }

    private func place(_ point: PlotPoint, offset: Double = 0) -> Place {
        Place(x: layout.x.place(point.x) + offset, y: layout.y.place(point.y))
    }

    // Lines -------------------------------------------------------------------------------------------------------

    private func drawBands(_ svg: inout Markup, _ series: PlotSeries) {
        for run in series.runs where run.count > 1 {
            guard run.contains(where: { $0.lower != nil || $0.upper != nil }) else { continue }
            let upper = run.map { Place(x: layout.x.place($0.x), y: layout.y.place($0.upper ?? $0.y)) }
            let lower = run.map { Place(x: layout.x.place($0.x), y: layout.y.place($0.lower ?? $0.y)) }
            let edges = ThinnedLine(upper).places + ThinnedLine(lower).places.reversed()
            let area = frame.clip(area: edges)
            guard area.count > 2 else { continue }
            svg.leaf(
                "path",
                [
                    ("class", series.style.fillClass), ("fill-opacity", bandOpacity),
                    ("d", PathText(area, isClosed: true).text),
                ])
        }
    }

    /// Many bands upon one another would hide the grid.
    private var bandOpacity: String { layout.plot.series.count > 6 ? "0.08" : "0.17" }

    private func drawLine(_ svg: inout Markup, _ series: PlotSeries) {
        for run in series.runs {
            if run.count == 1 {
                drawPoint(&svg, run[0], series, offset: 0)
                continue
            }
            for piece in frame.clip(line: ThinnedLine(run.map { place($0) }).places) { stroke(&svg, piece, series) }
        }
        guard series.mark == .line else { return }
        for point in markedPoints(series) {
            drawMarker(&svg, series, place(point), title: title(series, point))
        }
    }

    private func stroke(_ svg: inout Markup, _ piece: [Place], _ series: PlotSeries) {
        let dash = series.mark == .dashed ? SeriesStyle.reference : SeriesStyle.dashes[series.style.dash]
        let width = series.mark == .dashed ? "1.5" : (layout.plot.series.count > 12 ? "1.3" : "2")
        var attributes = [("class", series.style.strokeClass), ("fill", "none"), ("stroke-width", width)]
        if !dash.isEmpty { attributes.append(("stroke-dasharray", dash)) }
        svg.leaf("path", attributes + [("stroke-linejoin", "round"), ("d", PathText(piece).text)])
    }

    /// All points of a short line; of a long one some, where shapes are needed to tell many lines apart.
    private func markedPoints(_ series: PlotSeries) -> [PlotPoint] {
        let points = series.runs.filter { $0.count > 1 }.flatMap { $0 }
        let isSmall = layout.form == .small
        if points.count <= (isSmall ? 10 : 24) { return points }
        guard layout.plot.series.count > 4, !isSmall else { return [] }
        return points.enumerated().filter { $0.offset % max(1, points.count / 6) == points.count / 12 }.map(\.element)
    }

    // Points ------------------------------------------------------------------------------------------------------

    private func drawPoints(_ svg: inout Markup, _ series: PlotSeries, offset: Double) {
        for point in series.points { drawPoint(&svg, point, series, offset: offset) }
    }

    private func drawPoint(_ svg: inout Markup, _ point: PlotPoint, _ series: PlotSeries, offset: Double) {
        drawError(&svg, point, series.style.strokeClass, offset: offset)
        drawMarker(&svg, series, place(point, offset: offset), title: title(series, point))
    }

    private func drawMarker(_ svg: inout Markup, _ series: PlotSeries, _ place: Place, title: String?) {
        guard frame.contains(place) else { return }
        let path = series.style.shape.path(x: place.x, y: place.y, radius: layout.form.markerRadius)
        let attributes = [("class", "\(series.style.fillClass) halo"), ("stroke-width", "0.8"), ("d", path)]
        guard let title else { return svg.leaf("path", attributes) }
        svg.element("path", attributes) { $0.element("title", text: title) }
    }

    /// What a pointer that rests on a mark is told, unless there are so many marks that it would swell the page.
    private func title(_ series: PlotSeries, _ point: PlotPoint) -> String? {
        guard layout.plot.pointCount <= 600 else { return nil }
        let name = series.name.isEmpty ? "" : "\(series.name): "
        return name + "\(layout.plot.xText(point.x)), \(layout.plot.yText(point))"
    }

    /// A vertical line over the interval, with short caps at its ends or an arrow where it goes on beyond the frame.
    private func drawError(_ svg: inout Markup, _ point: PlotPoint, _ style: String, offset: Double) {
        guard point.lower != nil || point.upper != nil else { return }
        let x = layout.x.place(point.x) + offset
        let ends = [point.lower ?? point.y, point.upper ?? point.y].map { layout.y.place($0) }
        let shown = ends.map { min(max($0, frame.top), frame.bottom) }
        guard frame.contains(Place(x: x, y: shown[0])) else { return }
        var path = PathText([Place(x: x, y: shown[0]), Place(x: x, y: shown[1])]).text
        for (end, wanted) in zip([point.lower, point.upper], ends) where end != nil { path += cap(x, wanted) }
        svg.leaf("path", [("class", style), ("fill", "none"), ("stroke-width", "1.5"), ("d", path)])
    }

    private func cap(_ x: Double, _ y: Double) -> String {
        let reach = layout.form.markerRadius
        if y >= frame.top - 0.01, y <= frame.bottom + 0.01 {
            return PathText([Place(x: x - reach, y: y), Place(x: x + reach, y: y)]).text
        }
        let (tip, back) = y < frame.top ? (frame.top, reach * 1.4) : (frame.bottom, -reach * 1.4)
        return PathText([
            Place(x: x - reach, y: tip + back), Place(x: x, y: tip), Place(x: x + reach, y: tip + back),
        ]).text
    }

    // Bars --------------------------------------------------------------------------------------------------------

    private func drawBars(_ svg: inout Markup, _ series: PlotSeries, _ dodging: Dodging, _ index: Int) {
        let half = dodging.width / 2
        for point in series.points {
            let middle = layout.x.place(point.x) + dodging.offset(of: index)
            let (left, right) = (max(middle - half, frame.left), min(middle + half, frame.right))
            let ends = [layout.y.place(0), layout.y.place(point.y)].map { min(max($0, frame.top), frame.bottom) }
            guard right > left, let top = ends.min(), let bottom = ends.max() else { continue }
            let box = [
                ("x", number(left)), ("y", number(top)), ("width", number(right - left)),
                ("height", number(bottom - top)),
            ]
            svg.element("rect", [("class", series.style.fillClass), ("fill-opacity", "0.85")] + box) {
                if let title = title(series, point) { $0.element("title", text: title) }
            }
            drawError(&svg, point, "sr", offset: dodging.offset(of: index))
        }
    }
}
