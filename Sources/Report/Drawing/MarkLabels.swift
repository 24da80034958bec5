/// The names of vertical lines, above the plot, in as many rows as keep them apart.
struct MarkLabels {
    struct Label {
        var x: Double
        var name: String
        var row: Int
        /// Where the text begins.
        var textX: Double
    }

    private(set) var labels: [Label] = []
    var rows: Int { (labels.map(\.row).max() ?? -1) + 1 }

    private static let gap = 5.0

    /// - Parameter right: where the picture ends.
    init(_ marks: [(x: Double, name: String)], form: ChartForm, right: Double) {
        var taken: [[ClosedRange<Double>]] = []
        for mark in marks.sorted(by: { $0.x < $1.x }) {
            let room = max(right - 8, 1)
            let name = TextLines.shortened(mark.name, size: form.letterSize, width: room)
            let width = TextWidth.of(name, size: form.letterSize)
            let fitsRight = mark.x + Self.gap + width <= right - 2
            let textX = fitsRight ? mark.x + Self.gap : max(2, mark.x - Self.gap - width)
            let span = min(mark.x, textX) - Self.gap...max(mark.x, textX + width + Self.gap)
            // A line goes down through the rows below its name, so those must be free there too.
            let blocked = taken.lastIndex { $0.contains { $0.overlaps(span) } }
            let row = blocked.map { $0 + 1 } ?? 0
            if row == taken.count { taken.append([]) }
            taken[row].append(span)
            labels.append(Label(x: mark.x, name: name, row: row, textX: textX))
        }
    }
}
