import Experiment
import Statistics
import Suites

/// A bench's table as text: a block a metric and subset, a line a reward.
public struct BenchTable {
    private let report: BenchReport
    private let isColoured: Bool
    private let showsDetails: Bool

    /// - Parameters:
    ///   - isColoured: whether headings and controls are set apart by a terminal's colours.
    ///   - showsDetails: whether lines that are details of others are shown too.
    public init(_ report: BenchReport, isColoured: Bool = false, showsDetails: Bool = false) {
        self.report = report
        self.isColoured = isColoured
        self.showsDetails = showsDetails
    }

    /// The table, its lines ended by line feeds.
    public var text: String {
        var lines = [styled("\(report.suite.rawValue)", .bold) + "  \(report.rows) rows of \(report.data)", ""]
        lines += legend
        for row in report.entries[0].result.rows where showsDetails || !row.isDetail { lines += block(row) }
        lines += foot
        return lines.map { $0 + "\n" }.joined()
    }

    // Columns -----------------------------------------------------------------------------------------------------

    private static let nameWidth = 22
    private var comparesRewards: Bool { report.entries.count > 1 }

    private var legend: [String] {
        let lines = report.entries.filter { shortName($0) != $0.spec }.map { "  \($0.key)  \($0.spec)" }
        return lines.isEmpty ? [] : lines + [""]
    }

    private func shortName(_ entry: BenchReport.Entry) -> String {
        let name = ShortName(spec: entry.spec).text
        return name.count > Self.nameWidth ? "\(name.prefix(Self.nameWidth - 1))…" : name
    }

    private func block(_ row: SuiteRow) -> [String] {
        var lines = heading(row)
        for entry in report.entries {
            guard let own = entry.result.row(row.metric, row.subset) else {
                lines.append(undefined(entry))
                continue
            }
            lines.append(line(entry, own))
            if let untruncated = own.untruncated { lines.append(line(untruncated, of: own)) }
        }
        return lines + independence(row) + [""]
    }

    /// How many independent units there are, where `n` counts more than one of a unit.
    private func independence(_ row: SuiteRow) -> [String] {
        let (n, clusters) = (row.estimate.n, row.estimate.clusters)
        return n == clusters ? [] : ["      n counts \(n) in \(clusters) independent prompts"]
    }

    /// The columns' names; a title that is wider than its column has a line of its own.
    private func heading(_ row: SuiteRow) -> [String] {
        let title = row.metric + (row.subset == row.metric ? "" : ", \(row.subset)")
        let width = Self.nameWidth + 6
        guard title.count > width else { return [styled(trimmed(padded(title, width) + columns(row)), .bold)] }
        return [styled(title, .bold), styled(trimmed(padded("", width) + columns(row)), .bold)]
    }

    private func hasTest(_ row: SuiteRow) -> Bool { report.entries.contains { $0.difference(of: row)?.test != nil } }

    private func columns(_ row: SuiteRow) -> String {
        let unit = Scale(metric: row.metric).unit
        var text = right(unit, 7) + "  " + padded(percent(report.level) + " interval", 14)
        text += right("n", 6) + right("ties", 6) + right("cut", 5)
        if comparesRewards {
            text += right("less \(report.entries[0].key)", 10) + "  " + padded("interval", 14)
            if hasTest(row) { text += right("p", 6) }
        }
        return text
    }

    private func line(_ entry: BenchReport.Entry, _ row: SuiteRow) -> String {
        let scale = Scale(metric: row.metric)
        var text = "  " + padded(entry.key, 4) + padded(shortName(entry), Self.nameWidth)
        text += right(scale.point(row.estimate.point), 7) + "  " + padded(scale.interval(row.estimate.interval), 14)
        text += right("\(row.estimate.n)", 6) + right("\(row.ties)", 6) + right("\(row.truncated)", 5)
        if let difference = entry.difference(of: row) {
            text += right(scale.signed(difference.estimate.point), 10) + "  "
            text += padded(scale.interval(difference.estimate.interval, isSigned: true), 14)
            if let test = difference.test { text += right(Numerals.probability(test.pValue), 6) }
        }
        return entry.isControl ? styled(trimmed(text), .dim) : trimmed(text)
    }

    private func line(_ untruncated: Estimate, of row: SuiteRow) -> String {
        let scale = Scale(metric: row.metric)
        let text =
            "      " + padded("rows not cut", Self.nameWidth) + right(scale.point(untruncated.point), 7) + "  "
            + padded(scale.interval(untruncated.interval), 14) + right("\(untruncated.n)", 6)
        return trimmed(text)
    }

    private func undefined(_ entry: BenchReport.Entry) -> String {
        "  " + padded(entry.key, 4) + padded(shortName(entry), Self.nameWidth) + right("-", 7)
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

    private func percent(_ level: Double) -> String {
        let text = Numerals.fixed(level * 100, 1)
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    /// A labelled paragraph within 100 columns.
    private func wrapped(_ label: String, _ text: String) -> [String] {
        var lines: [String] = []
        var line = padded(label, 10)
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > 100, line.count > 10 {
                lines.append(trimmed(line))
                line = padded("", 10)
            }
            line += (line.count > 10 ? " " : "") + word
        }
        return lines + [trimmed(line)]
    }
}

/// How a metric's numbers are written: shares in per cent, margins as they are.
private struct Scale {
    private let isShare: Bool

    init(metric: String) { isShare = !metric.hasPrefix("margin /") }

    var unit: String { isShare ? "%" : "" }

    func point(_ value: Double) -> String { isShare ? Numerals.fixed(value * 100, 2) : Numerals.fixed(value, 3) }

    func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + point(value) }

    func interval(_ interval: Interval, isSigned: Bool = false) -> String {
        guard interval.isBounded else { return "unknown" }
        return "[\(end(interval.lower, isSigned)), \(end(interval.upper, isSigned))]"
    }

    private func end(_ value: Double, _ isSigned: Bool) -> String {
        (isSigned && value > 0 ? "+" : "") + (isShare ? Numerals.fixed(value * 100, 1) : Numerals.fixed(value, 2))
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
