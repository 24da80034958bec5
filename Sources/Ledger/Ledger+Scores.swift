public import Diagnostics
internal import GRDB

extension Ledger {
    /// Records a batch of scores in one transaction: after a crash all of them are there or none is.
    ///
    /// A score of a reward and row that are there already replaces what was there, so a batch may be computed again.
    ///
    /// - Parameter cost: what the batch took; it is added to the run's.
    public func appendScores(
        _ scores: [ScoreRecord], to run: RunID, cost: RunCost = RunCost()
    ) throws(Diagnostic) {
        try write { database in
            try Self.add(cost, to: run, in: database)
            let statement = try database.cachedStatement(sql: Self.upsertScore)
            for score in scores { try statement.execute(arguments: score.arguments(run: run)) }
        }
    }

    private static let upsertScore = """
        INSERT INTO score (run, reward, row, row_id, scores, tokens, truncated, per_token, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, reward, row) DO UPDATE SET
            row_id = excluded.row_id, scores = excluded.scores, tokens = excluded.tokens, truncated = excluded.truncated,
            per_token = excluded.per_token, failure = excluded.failure
        """

    /// One reward's scores in the order of rows.
    public func scores(of run: RunID, reward: Int) throws(Diagnostic) -> [ScoreRecord] {
        try read { database in
            try Row.fetchCursor(
                database, sql: "SELECT * FROM score WHERE run = ? AND reward = ? ORDER BY row",
                arguments: [run.rawValue, reward]
            ).map(ScoreRecord.init(row:)).reduce(into: []) { $0.append($1) }
        }
    }

    /// The rows, ascending, that a reward has scored; rows that failed are left out.
    public func scoredRows(of run: RunID, reward: Int) throws(Diagnostic) -> [Int] {
        try read { database in
            try Int.fetchAll(
                database, sql: "SELECT row FROM score WHERE run = ? AND reward = ? AND failure IS NULL ORDER BY row",
                arguments: [run.rawValue, reward])
        }
    }
}

extension ScoreRecord {
    fileprivate func arguments(run: RunID) -> StatementArguments {
        [
            run.rawValue, reward, row, rowID, JSONColumn.text(scores), JSONColumn.text(tokens),
            JSONColumn.text(truncated),
            perToken.map { JSONColumn.text($0) }, failure,
        ]
    }

    fileprivate init(row: Row) throws {
        reward = row["reward"]
        self.row = row["row"]
        rowID = row["row_id"]
        scores = try JSONColumn.doubles(row["scores"], of: "scores")
        tokens = try JSONColumn.integers(row["tokens"], of: "tokens")
        truncated = try JSONColumn.booleans(row["truncated"], of: "truncated")
        perToken = try (row["per_token"] as String?).map { try JSONColumn.listsOfDoubles($0, of: "per_token") }
        failure = row["failure"]
    }
}
