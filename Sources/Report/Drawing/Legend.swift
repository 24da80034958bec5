import Experiment

/// Names of series beside the sign that each is drawn with, in rows.
struct Legend {
    struct Entry {
        var name: String
        var series: PlotSeries
        /// The entry's left end and the middle of its line, from the legend's upper left corner.
        var place: Place
    }

    static let signWidth = 24.0
    private static let gap = 7.0
    private static let between = 20.0

    private(set) var entries: [Entry] = []
    private(set) var height = 0.0

    init(_ series: [PlotSeries], form: ChartForm, width: Double) {
        var (x, row) = (0.0, 0.0)
        let room = width - Self.signWidth - Self.gap
        for entry in Self.distinct(series) {
            let name = TextLines.shortened(entry.name, size: form.letterSize, width: room)
            let needed = Self.signWidth + Self.gap + TextWidth.of(name, size: form.letterSize)
            if x > 0, x + needed > width { (x, row) = (0, row + 1) }
            entries.append(Entry(name: name, series: entry, place: Place(x: x, y: (row + 0.5) * form.lineHeight)))
            x += needed + Self.between
        }
        if entries.count > 12 { alignColumns(form, width) }
        height = entries.last.map { $0.place.y + form.lineHeight / 2 } ?? 0
    }

    /// Where a name begins, behind its sign.
    static var textOffset: Double { signWidth + gap }

    /// One entry for each name and mark.
    private static func distinct(_ series: [PlotSeries]) -> [PlotSeries] {
        var seen: Set<String> = []
        return series.filter { !$0.name.isEmpty && seen.insert("\($0.mark.rawValue) \($0.name)").inserted }
    }

    /// Many entries are easier to search in columns, read downwards.
    private mutating func alignColumns(_ form: ChartForm, _ width: Double) {
        let widest = entries.map { Self.textOffset + TextWidth.of($0.name, size: form.letterSize) }.max() ?? 0
        let columns = max(1, Int((width + Self.between) / (widest + Self.between)))
        let rows = (entries.count + columns - 1) / columns
        for index in entries.indices {
            let (column, row) = index.quotientAndRemainder(dividingBy: rows)
            entries[index].place = Place(
                x: Double(column) * (widest + Self.between), y: (Double(row) + 0.5) * form.lineHeight)
        }
        if let last = entries.indices.max(by: { entries[$0].place.y < entries[$1].place.y }) {
            entries.append(entries.remove(at: last))
        }
    }
}
