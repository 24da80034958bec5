import Experiment
import Statistics
import Suites

/// A bench's table as text: a block a metric and subset, a line a reward.
public struct BenchTable {
    private let report: BenchReport
    private let isColoured: Bool
    private let lines: BenchLines
    private let columns: BenchColumns
    private let nameWidth: Int

    /// - Parameters:
    ///   - isColoured: whether headings and controls are set apart by a terminal's colours.
    ///   - showsDetails: whether lines that are details of others are shown too.
    public init(_ report: BenchReport, isColoured: Bool = false, showsDetails: Bool = false) {
        self.report = report
        self.isColoured = isColoured
        lines = BenchLines(report: report, showsDetails: showsDetails)
        columns = BenchColumns(lines.allCells)
        // Names give way to numbers, down to where they still tell rewards apart.
        nameWidth = min(22, max(12, Self.width - Self.keyWidth - columns.width))
    }

    /// The table, its lines ended by line feeds.
    public var text: String {
        var lines = [styled("\(report.suite.rawValue)", .bold) + "  \(report.rows) rows of \(report.data)", ""]
        lines += legend
        for row in self.lines.rows { lines += block(row) }
        lines += foot
        return lines.map { $0 + "\n" }.joined()
    }

    // Columns -----------------------------------------------------------------------------------------------------

    private static let width = 100
    /// Two spaces, a key, and what keeps it from the name.
    private static let keyWidth = 6

    private var legend: [String] {
        let lines = report.entries.filter { name(ShortName(spec: $0.spec).text) != $0.spec }
        return lines.isEmpty ? [] : lines.map { "  \($0.key)  \($0.spec)" } + [""]
    }

    private func name(_ name: String) -> String {
        name.count > nameWidth ? "\(name.prefix(nameWidth - 1))…" : name
    }

    private func block(_ row: SuiteRow) -> [String] {
        heading(row) + lines.lines(row).map(text) + independence(row) + [""]
    }

    private func text(_ line: BenchLines.Line) -> String {
        let head = padded("  " + (line.key ?? ""), Self.keyWidth) + padded(name(line.name), nameWidth)
        let text = trimmed(head + columns.text(line.cells))
        return line.isControl ? styled(text, .dim) : text
    }

    /// The columns' names; a title that is wider than its column has a line of its own.
    private func heading(_ row: SuiteRow) -> [String] {
        let title = row.metric + (row.subset == row.metric ? "" : ", \(row.subset)")
        let width = Self.keyWidth + nameWidth
        let heads = columns.text(lines.heads(row))
        guard title.count > width else { return [styled(trimmed(padded(title, width) + heads), .bold)] }
        return [styled(title, .bold), styled(trimmed(padded("", width) + heads), .bold)]
    }

    /// How many independent units there are, where `n` counts more than one of a unit.
    private func independence(_ row: SuiteRow) -> [String] {
        let (n, clusters) = (row.estimate.n, row.estimate.clusters)
        return n == clusters ? [] : ["      n counts \(n) in \(clusters) independent prompts"]
    }

    // Foot --------------------------------------------------------------------------------------------------------

    private var foot: [String] {
        var lines = report.warnings.map { styled("NOT ALIKE: \($0)", .bold) }
        lines += report.cautions.map { styled("TOO LONG: \($0)", .bold) }
        lines += wrapped("rule", report.rule)
        lines += wrapped("ties", tiePolicy)
        lines += wrapped("intervals", methods.joined(separator: "; "))
        lines += wrapped("", "clustered by prompt, \(validities.joined(separator: " and "))")
        if !tests.isEmpty { lines += wrapped("p", tests.joined(separator: "; ")) }
        if report.entries.contains(where: \.isControl) {
            lines += wrapped("controls", "c1 and so on are rules that know nothing of the task")
        }
        for entry in report.entries {
            for verdict in entry.verdicts { lines += wrapped("verdict", "\(entry.key): \(verdict)") }
            for remark in entry.remarks { lines += wrapped("judging", "\(entry.key): \(remark)") }
        }
        for exclusion in report.excluded {
            lines += wrapped(
                "left out",
                "\(exclusion.count) rows, from \(exclusion.first.file):\(exclusion.first.line) on: \(exclusion.reason)")
        }
        for note in report.notes { lines += wrapped("note", note) }
        return lines + wrapped("ledger", "\(report.ledger), run \(report.run)")
    }

    private var tiePolicy: String {
        let meaning =
            switch report.ties {
            case .strict: "strict, a tie is a failure"
            case .half: "half, a tie counts one half"
            case .share: "share, the credit is shared among those tied"
            }
        return report.ties == report.suite.defaultTies
            ? "\(meaning) (the source's policy)"
            : "\(meaning) (asked for; the source's is \(report.suite.defaultTies.rawValue))"
    }

    private var methods: [String] {
        let methods = report.entries.flatMap { entry in
            entry.result.rows.map(\.estimate.interval.method) + entry.differences.map(\.estimate.interval.method)
        }
        // Degrees of freedom differ from line to line; --json and --output have them.
        return distinct(methods.map(Self.withoutDegreesOfFreedom))
    }

    /// In which sense the intervals keep their level.
    private var validities: [String] {
        distinct(
            report.entries.flatMap { entry in
                entry.result.rows.map(\.estimate.interval.validity.rawValue)
                    + entry.differences.map(\.estimate.interval.validity.rawValue)
            })
    }

    private static func withoutDegreesOfFreedom(_ method: String) -> String {
        method.start(of: ", df ").map { String(method[..<$0]) } ?? method
    }

    private var tests: [String] {
        distinct(report.entries.flatMap { $0.differences.compactMap { $0.test?.method } })
    }

    private func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    // Setting -----------------------------------------------------------------------------------------------------

    private enum Style: String {
        case bold = "1"
        case dim = "2"
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    /// A labelled paragraph within the table's width.
    private func wrapped(_ label: String, _ text: String) -> [String] {
        var lines: [String] = []
        var line = padded(label, 10)
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > Self.width, line.count > 10 {
                lines.append(trimmed(line))
                line = padded("", 10)
            }
            line += (line.count > 10 ? " " : "") + word
        }
        return lines + [trimmed(line)]
    }
}

extension String {
    /// Where a piece of text first begins.
    fileprivate func start(of piece: String) -> Index? {
        indices.first { self[$0...].hasPrefix(piece) }
    }
}

/// What a table calls a reward: its kind and the last part of its source's path.
struct ShortName {
    let text: String

    init(spec: String) {
        guard let colon = spec.firstIndex(of: ":"), !spec[spec.index(after: colon)...].hasPrefix("[") else {
            text = spec
            return
        }
        let rest = spec[spec.index(after: colon)...]
        let question = rest.firstIndex(of: "?") ?? rest.endIndex
        let source = FilePath.lastComponent(String(rest[..<question]))
        text = "\(spec[..<colon]):\(source)\(rest[question...])"
    }
}
