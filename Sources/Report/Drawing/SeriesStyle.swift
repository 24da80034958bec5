import Experiment

/// How a series is told from others: by colour, and by dash and shape where colours cannot be seen.
struct SeriesStyle: Hashable {
    /// A place in ``Palette/colours(_:)``; `nil` for a reference drawn in the ink of the axes.
    var colour: Int?
    /// A place in ``dashes``.
    var dash: Int
    /// A place in ``MarkerShape/allCases``.
    var shape: MarkerShape

    /// Lengths of strokes and gaps in pixels; the first is unbroken.
    static let dashes = ["", "7 3", "2 3", "9 3 2 3", "12 4", "5 2 1 2 1 2", "1 3", "14 3 3 3"]

    /// Fits, truths and bounds.
    static let reference = "6 4"

    /// The classes of strokes, areas and letters in the style sheet.
    var strokeClass: String { colour.map { "s\($0)" } ?? "sr" }
    var fillClass: String { colour.map { "f\($0)" } ?? "fr" }
    var textClass: String { colour.map { "t\($0)" } ?? "tr" }

    /// A style for each series, in order. Series of one name share a style. A dashed series whose name contains another series'
    /// name (`gold, fit`) has that one's colour; the first other dashed series is drawn in the ink of the axes.
    static func assigned(to series: [Figure.Series]) -> [SeriesStyle] {
        var styles: [String: SeriesStyle] = [:]
        let solid = series.filter { $0.mark != .dashed }
        for entry in solid where styles[entry.name] == nil { styles[entry.name] = SeriesStyle(index: styles.count) }
        var used = styles.count
        var hasInk = false
        for entry in series where styles[entry.name] == nil {
            if let parent = parent(of: entry.name, among: solid.map(\.name)) {
                styles[entry.name] = styles[parent]
            } else if !hasInk {
                styles[entry.name] = SeriesStyle(colour: nil, dash: 0, shape: .circle)
                hasInk = true
            } else {
                styles[entry.name] = SeriesStyle(index: used)
                used += 1
            }
        }
        return series.map { styles[$0.name] ?? SeriesStyle(index: 0) }
    }

    private init(colour: Int?, dash: Int, shape: MarkerShape) {
        self.colour = colour
        self.dash = dash
        self.shape = shape
    }

    /// Eight colours, then the same with another dash.
    private init(index: Int) {
        let shapes = MarkerShape.allCases
        let round = index / Palette.count
        self.init(
            colour: index % Palette.count, dash: round % Self.dashes.count,
            shape: shapes[(index + round) % shapes.count])
    }

    /// The longest name that stands within another as whole words.
    private static func parent(of name: String, among names: [String]) -> String? {
        let words = Self.words(name)
        let inside = names.filter { candidate in
            let part = Self.words(candidate)
            guard !part.isEmpty, part.count < words.count else { return false }
            return (0...(words.count - part.count)).contains { words[$0..<($0 + part.count)].elementsEqual(part) }
        }
        return inside.max { $0.count < $1.count }
    }

    private static func words(_ name: String) -> [Substring] {
        name.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
    }
}
