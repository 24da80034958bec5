import Experiment
import JSON

/// A figure as a Vega-Lite (version 5) specification with its data in it, so that others can draw it their own way.
struct VegaLiteSpec {
    private let layout: ChartLayout

    private var plot: PlotFigure { layout.plot }
    private var figure: Figure { layout.plot.figure }
    private var y: AxisScale { layout.y }

    /// - Parameter layout: gives the figure, and the ends of the axes, so that the picture is the same.
    init(_ layout: ChartLayout) { self.layout = layout }

    var value: JSONValue {
        [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": ["text": .string(figure.heading), "anchor": "start"],
            "description": .string(plot.description),
            "width": 700, "height": 340,
            "data": ["values": .array(rows)],
            "transform": .array(transforms),
            "encoding": ["x": Self.channel("x", figure.x, layout.x), "color": color],
            "layer": .array(layers),
        ]
    }

    // Data --------------------------------------------------------------------------------------------------------

    /// One object a point: `series`, `mark`, `order`, `x`, `y`, `lower`, `upper`; infinite ends are `null` with `lowerOpen` or
    /// `upperOpen`, since JSON has no infinity.
    private var rows: [JSONValue] {
        zip(figure.series, plot.series).flatMap { series, drawn in
            series.points.enumerated().map { row(series.name, drawn.mark, order: $0.offset, $0.element) }
        }
    }

    private func row(
        _ name: String, _ mark: Figure.Series.Mark, order: Int, _ point: Figure.Point
    ) -> JSONValue {
        var row: JSONObject = [
            "series": .string(name), "mark": .string(mark.rawValue), "order": .integer(order),
            "x": Self.place(point.x, figure.x), "y": Self.place(point.y, figure.y),
        ]
        if let lower = point.lower {
            row["lower"] = Self.number(lower)
            if lower.isInfinite { row["lowerOpen"] = true }
        }
        if let upper = point.upper {
            row["upper"] = Self.number(upper)
            if upper.isInfinite { row["upperOpen"] = true }
        }
        return .object(row)
    }

    private static func place(_ value: Double, _ axis: Figure.Axis) -> JSONValue {
        axis.categories == nil ? number(value) : .string(axis.name(at: value))
    }

    private static func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }

    // Channels ----------------------------------------------------------------------------------------------------

    private static func channel(_ field: String, _ axis: Figure.Axis, _ scale: AxisScale) -> JSONValue {
        var channel: JSONObject = ["field": .string(field), "title": .string(axis.title)]
        if case .categorical(let names) = scale.kind {
            channel["type"] = "nominal"
            channel["sort"] = .array(names.map(JSONValue.string))
            if field == "x" { channel["axis"] = ["labelAngle": names.count > 4 ? -38 : 0] }
        } else {
            channel["type"] = "quantitative"
            channel["scale"] = [
                "type": scale.isLog ? "log" : "linear", "nice": false, "zero": false,
                "domain": [.number(scale.low), .number(scale.high)],
            ]
        }
        return .object(channel)
    }

    private var color: JSONValue {
        var names: [String] = []
        var colours: [JSONValue] = []
        for series in plot.series where !names.contains(series.name) {
            names.append(series.name)
            colours.append(.string(series.style.colour.map { Palette.light.series[$0] } ?? Palette.light.ink))
        }
        return [
            "field": "series", "type": "nominal", "title": nil,
            "scale": ["domain": .array(names.map(JSONValue.string)), "range": .array(colours)],
        ]
    }

    /// What a logarithmic axis cannot show goes; ends that are open or off the axis go to the frame.
    private var transforms: [JSONValue] {
        var transforms: [JSONValue] = []
        if plot.xKind == .log { transforms.append(["filter": "datum.x > 0"]) }
        if plot.yKind == .log { transforms.append(["filter": "datum.y === null || datum.y > 0"]) }
        guard !plot.yKind.isCategorical else { return transforms }
        let (low, high) = (y.low.description, y.high.description)
        let gap = "datum.y === null ? null : "
        let onAxis = plot.yKind == .log ? " || datum.lower !== null && datum.lower <= 0" : ""
        transforms.append([
            "calculate": .string(
                "\(gap)datum.lowerOpen\(onAxis) ? \(low) : isValid(datum.lower) ? datum.lower : datum.y"),
            "as": "from",
        ])
        transforms.append([
            "calculate": .string("\(gap)datum.upperOpen ? \(high) : isValid(datum.upper) ? datum.upper : datum.y"),
            "as": "to",
        ])
        return transforms
    }

    // Layers ------------------------------------------------------------------------------------------------------

    private var layers: [JSONValue] {
        var layers: [JSONValue] = []
        let marks = Set(plot.series.map(\.mark))
        if marks.contains(.line) {
            layers.append(layer(.line, ["type": "area", "opacity": 0.17, "clip": true], over: true))
        }
        if marks.contains(.bars) {
            layers.append(layer(.bars, ["type": "bar", "clip": true], isDodged: true))
            layers.append(layer(.bars, ["type": "rule", "color": "#57606a", "clip": true], over: true, isDodged: true))
        }
        if marks.contains(.line) { layers.append(layer(.line, ["type": "line", "clip": true], isPath: true)) }
        if marks.contains(.dashed) {
            layers.append(layer(.dashed, ["type": "line", "strokeDash": [6, 4], "clip": true], isPath: true))
        }
        if marks.contains(.points) {
            layers.append(layer(.points, ["type": "rule", "clip": true], over: true, isDodged: true))
            layers.append(layer(.points, ["type": "point", "filled": true, "size": 60], isDodged: true))
        }
        return layers + verticals
    }

    /// - Parameters:
    ///   - over: drawn over the interval instead of at the point.
    ///   - isPath: joined in the order of the data.
    ///   - isDodged: set apart by series where the axis has names.
    private func layer(
        _ kind: Figure.Series.Mark, _ mark: JSONValue, over: Bool = false, isPath: Bool = false, isDodged: Bool = false
    ) -> JSONValue {
        var encoding: JSONObject = ["y": Self.channel(over && !plot.yKind.isCategorical ? "from" : "y", figure.y, y)]
        if over, !plot.yKind.isCategorical { encoding["y2"] = ["field": "to"] }
        if isPath { encoding["order"] = ["field": "order", "type": "quantitative"] }
        if isDodged, plot.xKind.isCategorical { encoding["xOffset"] = ["field": "series"] }
        if over, mark["color"] != nil { encoding["color"] = ["value": "#57606a"] }
        return [
            "transform": [["filter": .string("datum.mark === '\(kind.rawValue)'")]], "mark": mark,
            "encoding": .object(encoding),
        ]
    }

    private var verticals: [JSONValue] {
        guard !plot.marks.isEmpty else { return [] }
        let data: JSONValue = [
            "values": .array(
                plot.marks.map { ["x": Self.place($0.x, figure.x), "name": .string($0.name)] })
        ]
        let rule: JSONValue = [
            "data": data, "transform": [], "mark": ["type": "rule", "strokeDash": [2, 2]],
            "encoding": ["color": ["value": "#57606a"]],
        ]
        let name: JSONValue = [
            "data": data, "mark": ["type": "text", "align": "left", "dx": 4, "baseline": "top"],
            "encoding": [
                "text": ["field": "name"], "y": ["value": 0], "color": ["value": "#57606a"],
            ],
        ]
        return [rule, name]
    }
}
