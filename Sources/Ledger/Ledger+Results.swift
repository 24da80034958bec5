public import Diagnostics
internal import GRDB
internal import JSON

extension Ledger {
    /// Records a run's table of results, in its order, in place of what was there.
    public func replaceResults(_ results: [ResultRecord], of run: RunID) throws(Diagnostic) {
        try write { database in
            try Self.add(RunCost(), to: run, in: database)
            try database.execute(sql: "DELETE FROM result WHERE run = ?", arguments: [run.rawValue])
            let statement = try database.cachedStatement(sql: Self.insertResult)
            for (position, result) in results.enumerated() {
                try statement.execute(arguments: result.arguments(run: run, position: position))
            }
        }
    }

    private static let insertResult = """
        INSERT INTO result (
            run, position, reward, reference, subset, metric, point, lower, upper, level, method, n, comparisons, clusters,
            ties, truncated, p_value, test, details
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// A run's results in the order in which they were recorded.
    public func results(of run: RunID) throws(Diagnostic) -> [ResultRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM result WHERE run = ? ORDER BY position", arguments: [run.rawValue]
            ).map(ResultRecord.init(row:))
        }
    }
}

extension ResultRecord {
    fileprivate func arguments(run: RunID, position: Int) -> StatementArguments {
        [
            run.rawValue, position, reward, reference, subset, metric, point, lower, upper, level, method, n,
            comparisons,
            clusters, ties, truncated, pValue, test, details.canonicalText,
        ]
    }

    fileprivate init(row: Row) throws {
        self.init(
            reward: row["reward"], reference: row["reference"], subset: row["subset"], metric: row["metric"],
            point: row["point"], lower: row["lower"], upper: row["upper"], level: row["level"], method: row["method"],
            n: row["n"], comparisons: row["comparisons"], clusters: row["clusters"], ties: row["ties"],
            truncated: row["truncated"], pValue: row["p_value"], test: row["test"],
            details: try JSONColumn.value(row["details"], of: "details"))
    }
}
