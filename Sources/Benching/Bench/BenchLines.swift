import Diagnostics
import Experiment
import Statistics
import Suites

/// What a bench's table says, cell by cell, before it is set in columns.
struct BenchLines {
    let report: BenchReport
    let showsDetails: Bool

    /// One line of a block; without a key it belongs to the line above.
    struct Line {
        var key: String?
        var name: String
        var isControl = false
        /// In the order of ``BenchColumns/Column``; a line may end early.
        var cells: [String]
    }

    /// The metrics and subsets that have a block.
    var rows: [SuiteRow] { report.entries[0].result.rows.filter { showsDetails || !$0.isDetail } }

    /// The cells of every line, the columns' names included.
    var allCells: [[String]] { rows.flatMap { [heads($0)] + lines($0).map(\.cells) } }

    /// The columns' names in a row's block.
    func heads(_ row: SuiteRow) -> [String] {
        let own = [BenchScale(metric: row.metric).unit, percent(report.level) + " interval", "n", "ties", "cut"]
        guard report.entries.count > 1 else { return own }
        let hasTest = report.entries.contains { $0.difference(of: row)?.test != nil }
        return own + ["less \(report.entries[0].key)", "interval", hasTest ? "p" : ""]
    }

    func lines(_ row: SuiteRow) -> [Line] { report.entries.flatMap { lines($0, row) } }

    private func lines(_ entry: BenchReport.Entry, _ row: SuiteRow) -> [Line] {
        var line = Line(
            key: entry.key, name: ShortName(spec: entry.spec).text, isControl: entry.isControl, cells: ["-"])
        guard let own = entry.result.row(row.metric, row.subset) else { return [line] }
        let scale = BenchScale(metric: row.metric)
        line.cells = cells(own.estimate, scale) + ["\(own.ties)", "\(own.truncated)"]
        line.cells += entry.difference(of: row).map { cells($0, scale) } ?? []
        guard let untruncated = own.untruncated else { return [line] }
        return [line, Line(name: "rows not cut", cells: cells(untruncated, scale))]
    }

    private func cells(_ estimate: Estimate, _ scale: BenchScale) -> [String] {
        [scale.point(estimate.point), scale.interval(estimate.interval), "\(estimate.n)"]
    }

    private func cells(_ difference: SuiteDifference, _ scale: BenchScale) -> [String] {
        [
            scale.signed(difference.estimate.point), scale.interval(difference.estimate.interval, isSigned: true),
            difference.test.map { Numerals.probability($0.pValue) } ?? "",
        ]
    }

    private func percent(_ level: Double) -> String {
        let text = Numerals.fixed(level * 100, 1)
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
    }
}

/// How a metric's numbers are written: shares in per cent, margins as they are.
struct BenchScale {
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
