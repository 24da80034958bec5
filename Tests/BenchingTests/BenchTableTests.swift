import Foundation
import Statistics
import Testing

@testable import Benching
@testable import Suites

struct BenchTableTests {
    /// Three rewards over few prompts: intervals far beyond 0 and 1, large margins, a p below what is spelled out.
    private let wide: BenchReport

    init() {
        let rows = [
            Self.row("accuracy", point: 1 / 3, -1.10107, 1.76774), Self.row("accuracy", point: 1, 1, 1),
            Self.row("margin / std", point: -1234.5678, -20000.5, 17530.25),
        ]
        let named = zip(rows, ["overall", "easy", "overall"]).map { row, subset in
            var row = row
            row.subset = subset
            return row
        }
        let differences = [
            Self.difference(named[0], -2.0 / 3, -2.10107, 0.76774, p: 0.0000123),
            Self.difference(named[1], 0, 0, 0, p: 1), Self.difference(named[2], 1234.5678, -17530.25, 20000.5, p: nil),
        ]
        let specs = ["rule:length", "rule:length?unit=words", "rule:coin"]
        let entries = specs.enumerated().map { place, spec in
            BenchReport.Entry(
                key: place == 2 ? "c1" : "r\(place + 1)", spec: spec, isControl: place == 2,
                result: SuiteResult(suite: .pairs, ties: .strict, rows: named),
                differences: place == 0 ? [] : differences, seconds: 0, tokensComputed: 0, keptRows: 0,
                truncatedRows: 0, truncatedResponses: 0)
        }
        wide = BenchReport(
            suite: .pairs, data: "pairs.jsonl", rows: 3, rule: "a rule", notes: [], excluded: [], ties: .strict,
            level: 0.95, entries: entries, warnings: [], ledger: "assay.sqlite", run: "run")
    }

    private static func estimate(_ point: Double, _ lower: Double, _ upper: Double) -> Estimate {
        Estimate(
            point: point, standardError: nil,
            interval: Interval(lower: lower, upper: upper, level: 0.95, method: "t", validity: .fixedN), n: 3,
            clusters: 3)
    }

    private static func row(_ metric: String, point: Double, _ lower: Double, _ upper: Double) -> SuiteRow {
        SuiteRow(
            metric: metric, subset: "", estimate: estimate(point, lower, upper), items: 3, ties: 0, truncated: 0,
            isDetail: false)
    }

    private static func difference(
        _ row: SuiteRow, _ point: Double, _ lower: Double, _ upper: Double, p: Double?
    ) -> SuiteDifference {
        SuiteDifference(
            metric: row.metric, subset: row.subset, estimate: estimate(point, lower, upper),
            test: p.map { TestResult(statistic: point, pValue: $0, method: "a test", n: 3) }, isDetail: false)
    }

    /// The fixture is the table from the legend to the last block, made by this test and looked at.
    @Test("Columns are as wide as their widest cell, the same in every block, and names give way to them")
    func wideIntervals() throws {
        let expected = try String(contentsOfFile: Place.fixture("bench/wide-table.txt"), encoding: .utf8)
        #expect(BenchTable(wide).text.hasPrefix("pairs  3 rows of pairs.jsonl\n\n\(expected)\n"))
    }

    @Test("A table of one reward has no columns for differences")
    func alone() {
        var report = wide
        report.entries = [report.entries[0]]
        #expect(!BenchTable(report).text.contains("less"))
    }
}
