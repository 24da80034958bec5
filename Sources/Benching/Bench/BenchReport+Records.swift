import JSON
import Ledger
import Statistics
import Suites

extension BenchReport {
    /// The table as the ledger keeps it: all levels, then all contrasts.
    var records: [ResultRecord] {
        entries.enumerated().flatMap { index, entry in
            entry.result.rows.map { ResultRecord($0, reward: index) }
                + entry.differences.map { ResultRecord($0, reward: index) }
        }
    }
}

extension ResultRecord {
    fileprivate init(_ row: SuiteRow, reward: Int) {
        var details = JSONObject()
        details["rows"] = .integer(row.items)
        if let weight = row.weight { details["weight"] = .number(weight) }
        if let untruncated = row.untruncated { details["untruncated"] = untruncated.json }
        self.init(
            reward: reward, subset: row.subset, metric: row.metric, point: row.estimate.point,
            lower: row.estimate.interval.lower, upper: row.estimate.interval.upper,
            level: row.estimate.interval.level, method: row.estimate.interval.method, n: row.items,
            comparisons: row.estimate.n, clusters: row.estimate.clusters, ties: row.ties, truncated: row.truncated,
            details: .object(details))
    }

    fileprivate init(_ difference: SuiteDifference, reward: Int) {
        let estimate = difference.estimate
        self.init(
            reward: reward, reference: 0, subset: difference.subset, metric: difference.metric, point: estimate.point,
            lower: estimate.interval.lower, upper: estimate.interval.upper, level: estimate.interval.level,
            method: estimate.interval.method, comparisons: estimate.n, clusters: estimate.clusters,
            pValue: difference.test?.pValue, test: difference.test?.method)
    }
}

extension Estimate {
    /// The number with its interval; an end without bound is `null`.
    var json: JSONValue {
        [
            "point": .finite(point), "lower": .finite(interval.lower), "upper": .finite(interval.upper),
            "level": .number(interval.level), "method": .string(interval.method),
            "validity": .string(interval.validity.rawValue), "n": .integer(n), "clusters": .integer(clusters),
        ]
    }
}

extension JSONValue {
    /// A number, or `null` where JSON has none for it.
    static func finite(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
}
