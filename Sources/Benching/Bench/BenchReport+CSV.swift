import Statistics
import Suites

extension BenchReport {
    /// The table as comma-separated values (RFC 4180): a header, then a line a reward, metric and subset. Shares are fractions of
    /// 1; what does not apply is empty.
    public var csv: String {
        let lines = entries.flatMap { entry in entry.result.rows.map { cells(entry, $0) } }
        return ([Self.columns] + lines).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    static let columns = [
        "suite", "reward", "spec", "control", "metric", "subset", "point", "lower", "upper", "level", "method",
        "validity", "rows", "n", "clusters", "ties", "tie_policy", "truncated", "untruncated_point",
        "untruncated_lower", "untruncated_upper", "untruncated_n", "less", "difference", "difference_lower",
        "difference_upper", "difference_method", "p_value", "test", "detail", "rows_failed",
    ]

    private func cells(_ entry: Entry, _ row: SuiteRow) -> [String] {
        let interval = row.estimate.interval
        let head = [
            suite.rawValue, entry.key, entry.spec, String(entry.isControl), row.metric, row.subset,
            Self.number(row.estimate.point), Self.number(interval.lower), Self.number(interval.upper),
            Self.number(interval.level), interval.method, interval.validity.rawValue,
        ]
        let counts = [
            String(row.items), String(row.estimate.n), String(row.estimate.clusters), String(row.ties), ties.rawValue,
            String(row.truncated),
        ]
        return head + counts + Self.cells(row.untruncated) + cells(entry.difference(of: row)) + [
            String(row.isDetail), String(failures.count),
        ]
    }

    private static func cells(_ untruncated: Estimate?) -> [String] {
        guard let untruncated else { return ["", "", "", ""] }
        return [
            number(untruncated.point), number(untruncated.interval.lower), number(untruncated.interval.upper),
            String(untruncated.n),
        ]
    }

    private func cells(_ difference: SuiteDifference?) -> [String] {
        guard let difference else { return ["", "", "", "", "", "", ""] }
        let interval = difference.estimate.interval
        return [
            entries[0].key, Self.number(difference.estimate.point), Self.number(interval.lower),
            Self.number(interval.upper), interval.method, difference.test.map { Self.number($0.pValue) } ?? "",
            difference.test?.method ?? "",
        ]
    }

    private static func number(_ value: Double) -> String { value.isFinite ? value.description : "" }

    private static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension BenchReport.Entry {
    /// How this reward differs from the first in a line of the table.
    func difference(of row: SuiteRow) -> SuiteDifference? {
        differences.first { $0.metric == row.metric && $0.subset == row.subset }
    }
}
