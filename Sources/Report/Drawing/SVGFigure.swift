import Experiment

/// A figure drawn as SVG: no scripts, no clip paths, nothing fetched; the same bytes for the same figure.
///
/// Lines have bands, points and bars have error bars where they carry intervals. What lies far beyond the data is cut at the
/// frame, an interval's end with an arrow. Every coordinate is finite and within the view box.
public struct SVGFigure {
    /// A size that a picture is drawn at.
    public enum Size: Sendable, CaseIterable {
        /// 880 pixels: a desk, paper.
        case wide
        /// 360 pixels: a phone.
        case narrow
        /// 320 pixels and low: one of several side by side.
        case small

        var form: ChartForm {
            switch self {
            case .wide: .wide
            case .narrow: .narrow
            case .small: .small
            }
        }
    }

    let layout: ChartLayout
    private let isAlone: Bool
    private let identifier: String

    /// A picture that stands in a page, which gives title, caption and the style sheet ``styleSheet``.
    ///
    /// - Parameters:
    ///   - identifier: unique in the page; letters, digits and hyphens.
    ///   - showsLegend: whether series are named in the picture.
    public init(_ figure: Figure, size: Size, identifier: String, showsLegend: Bool = true) {
        self.init(
            layout: ChartLayout(PlotFigure(figure), form: size.form, showsLegend: showsLegend), identifier: identifier)
    }

    init(layout: ChartLayout, identifier: String) {
        self.layout = layout
        isAlone = false
        self.identifier = identifier
    }

    /// A picture that is a file of its own, with title, caption and style sheet in it.
    public init(_ figure: Figure) {
        layout = ChartLayout(PlotFigure(figure), form: .wide, isAlone: true)
        isAlone = true
        identifier = Slug(figure.id).text
    }

    /// What a page must say once so that pictures in it have colours.
    public static var styleSheet: String { Palette.figureRules }

    /// What cannot be seen in the picture, a sentence each: missing points, cut intervals, marks outside.
    public var notes: [String] { layout.plot.notes(layout.y) }

    /// The picture. A file of its own ends with a line feed.
    public var text: String {
        var svg = Markup()
        if isAlone { svg.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") }
        svg.element("svg", rootAttributes) { svg in
            describe(&svg)
            if isAlone { drawGround(&svg) }
            drawAxes(&svg)
            drawSeries(&svg)
            drawNames(&svg)
        }
        if isAlone { svg.lineFeed() }
        return svg.text
    }

    private var rootAttributes: Markup.Attributes {
        let (width, height) = (number(layout.form.width), number(layout.height))
        let place: Markup.Attributes =
            isAlone
            ? [("xmlns", "http://www.w3.org/2000/svg"), ("width", width), ("height", height)]
            : [("class", "chart \(layout.form.name)")]
        return place + [
            ("viewBox", "0 0 \(width) \(height)"), ("role", "img"),
            ("aria-labelledby", "\(prefix)-title \(prefix)-desc"),
            ("font-family", Self.fonts), ("font-size", number(layout.form.letterSize)),
        ]
    }

    /// Fonts of one width, so that estimates of a text's width hold.
    static let fonts = "'Helvetica Neue',Helvetica,Arial,'Liberation Sans',Arimo,sans-serif"

    private var prefix: String { isAlone ? identifier : "\(identifier)-\(layout.form.name)" }

    private func describe(_ svg: inout Markup) {
        svg.element("title", [("id", "\(prefix)-title")], text: layout.plot.figure.heading)
        svg.element("desc", [("id", "\(prefix)-desc")], text: layout.plot.description)
    }

    private func drawGround(_ svg: inout Markup) {
        svg.element("style") { $0.raw(Palette.figureRules) }
        svg.leaf(
            "rect",
            [("class", "bg"), ("width", number(layout.form.width)), ("height", number(layout.height))])
        guard let heading = layout.head.heading else { return }
        var y = 4.0
        for line in heading.title.lines {
            y += heading.titleSize * 1.3
            let attributes = [("class", "tx"), ("font-size", number(heading.titleSize)), ("font-weight", "bold")]
            letters(&svg, line, x: 4, y: y - heading.titleSize * 0.35, attributes)
        }
        for line in heading.caption.lines {
            y += heading.captionSize * 1.4
            letters(&svg, line, x: 4, y: y - heading.captionSize * 0.35, [("class", "mu")])
        }
    }

    // Writing -----------------------------------------------------------------------------------------------------

    func number(_ value: Double) -> String { Numeral.coordinate(value) }

    func line(_ svg: inout Markup, _ from: Place, _ to: Place, _ attributes: Markup.Attributes) {
        svg.leaf(
            "line",
            attributes + [
                ("x1", number(from.x)), ("y1", number(from.y)), ("x2", number(to.x)), ("y2", number(to.y)),
            ])
    }

    /// A line of text on its base line.
    func letters(_ svg: inout Markup, _ text: String, x: Double, y: Double, _ attributes: Markup.Attributes) {
        svg.element("text", [("x", number(x)), ("y", number(y))] + attributes, text: text)
    }
}
