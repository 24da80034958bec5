import Experiment

extension PlotFigure {
    /// The figure in words, for who cannot see it: what stands on the axes, and where each series begins and ends.
    var description: String {
        var parts: [String] = []
        if !figure.caption.isEmpty {
            parts.append(figure.caption.hasSuffix(".") ? figure.caption : figure.caption + ".")
        }
        parts.append("Across: \(axisName(figure.x)). Up: \(axisName(figure.y)).")
        parts += series.prefix(12).map(description)
        if series.count > 12 { parts.append("And \(series.count - 12) more series.") }
        if !marks.isEmpty {
            parts.append("Marks: " + marks.map { "\($0.name) at \(xText($0.x))" }.joined(separator: "; ") + ".")
        }
        return parts.joined(separator: " ")
    }

    private func axisName(_ axis: Figure.Axis) -> String {
        (axis.title.isEmpty ? "no name" : axis.title) + (axis.scale == .log ? ", logarithmic" : "")
    }

    private func description(_ series: PlotSeries) -> String {
        let name = series.name.isEmpty ? "Unnamed" : series.name
        let points = series.points
        guard let first = points.first, let last = points.last else { return "\(name): no data." }
        guard points.count > 1 else { return "\(name): \(yText(first)) at \(xText(first.x))." }
        guard points.count > 6 else {
            return name + ": " + points.map { "\(yText($0)) at \(xText($0.x))" }.joined(separator: "; ") + "."
        }
        let (low, high) = (points.map(\.y).min() ?? 0, points.map(\.y).max() ?? 0)
        return "\(name): from \(yText(first)) at \(xText(first.x)) to \(yText(last)) at \(xText(last.x)), "
            + "between \(Numeral.short(low)) and \(Numeral.short(high)), \(points.count) points."
    }

    /// A place on the horizontal axis, by its name where it has one.
    func xText(_ x: Double) -> String {
        guard case .categorical(let names) = xKind, let index = Int(exactly: x), names.indices.contains(index) else {
            return Numeral.short(x)
        }
        return names[index]
    }

    /// `0.81 [0.79, 0.83]`
    func yText(_ point: PlotPoint) -> String {
        if case .categorical(let names) = yKind, let index = Int(exactly: point.y), names.indices.contains(index) {
            return names[index]
        }
        guard let lower = point.lower, let upper = point.upper else { return Numeral.short(point.y) }
        return Numeral.text(point: point.y, lower: lower, upper: upper)
    }
}
