/// A text broken into lines of a width, the last one shortened where it does not fit.
struct TextLines {
    let lines: [String]
    /// Whether every word of the text is there.
    let isWhole: Bool

    init(_ text: String, size: Double, width: Double, maximum: Int) {
        let all = Self.broken(text, size: size, width: width)
        let kept = all.prefix(max(1, maximum))
        var lines = kept.map { Self.shortened($0, size: size, width: width) }
        if all.count > kept.count, let last = lines.popLast() {
            lines.append(Self.shortened(last + "…", size: size, width: width))
        }
        isWhole = all == lines
        self.lines = lines
    }

    /// The widest line's estimated width.
    func width(size: Double) -> Double { lines.map { TextWidth.of($0, size: size) }.max() ?? 0 }

    /// The text, cut with an ellipsis where it is wider.
    static func shortened(_ text: String, size: Double, width: Double) -> String {
        guard TextWidth.of(text, size: size) > width else { return text }
        var kept = text.hasSuffix("…") ? String(text.dropLast()) : text
        while !kept.isEmpty, TextWidth.of(kept + "…", size: size) > width { kept.removeLast() }
        return kept + "…"
    }

    /// The text, its middle left out where it is wider: names that begin alike often end apart.
    static func shortenedInside(_ text: String, size: Double, width: Double) -> String {
        guard TextWidth.of(text, size: size) > width else { return text }
        var kept = text.count
        while kept > 0 {
            let short = String(text.prefix((kept + 1) / 2)) + "…" + String(text.suffix(kept / 2))
            if TextWidth.of(short, size: size) <= width { return short }
            kept -= 1
        }
        return "…"
    }

    private static func broken(_ text: String, size: Double, width: Double) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            let longer = (lines.last.map { $0 + " " } ?? "") + word
            if !lines.isEmpty, TextWidth.of(longer, size: size) <= width {
                lines[lines.count - 1] = longer
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
