/// The labels under a horizontal axis: on one line, broken into several, or aslant, as they have room.
struct AxisLabels {
    struct Label {
        var x: Double
        var lines: [String]
        /// The whole text, where it had to be shortened.
        var whole: String?
    }

    let labels: [Label]
    let isSlanted: Bool
    /// How far they reach below the axis.
    let height: Double

    static let slant = 38.0
    private static let (sine, cosine) = (0.616, 0.788)
    private static let longest = 190.0
    private static let offset = 8.0

    /// Numbers, which were chosen so that they have room.
    init(numbers: [(x: Double, text: String)], form: ChartForm) {
        labels = numbers.map { Label(x: $0.x, lines: [$0.text], whole: nil) }
        isSlanted = false
        height = labels.isEmpty ? Self.offset : Self.offset + form.lineHeight
    }

    /// Names, `distance` pixels apart.
    init(names: [(x: Double, text: String)], distance: Double, form: ChartForm) {
        let size = form.letterSize
        let broken = names.map { TextLines($0.text, size: size, width: distance - 8, maximum: 3) }
        if broken.allSatisfy(\.isWhole) {
            labels = zip(names, broken).map { Label(x: $0.x, lines: $1.lines, whole: nil) }
            isSlanted = false
            height = Self.offset + Double(broken.map(\.lines.count).max() ?? 1) * form.lineHeight
        } else {
            let shown = Self.thinned(names, distance, form)
            labels = shown.map { Self.slanted($0.x, $0.text, size) }
            isSlanted = true
            let longest = labels.map { TextWidth.of($0.lines[0], size: size) }.max() ?? 0
            height = Self.offset + longest * Self.sine + size
        }
    }

    /// Only each so many, where even slanted lines would touch.
    private static func thinned(
        _ names: [(x: Double, text: String)], _ distance: Double, _ form: ChartForm
    ) -> [(x: Double, text: String)] {
        let every = max(1, Int((form.letterSize * 1.1 / max(distance * sine, 0.01)).rounded(.up)))
        return names.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element)
    }

    private static func slanted(_ x: Double, _ text: String, _ size: Double) -> Label {
        let room = min(longest, (x - 4) / cosine)
        let lines = [TextLines.shortenedInside(text, size: size, width: room)]
        return Label(x: x, lines: lines, whole: lines[0] == text ? nil : text)
    }
}
