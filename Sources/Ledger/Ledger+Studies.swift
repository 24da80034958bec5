public import Diagnostics
internal import GRDB
internal import JSON

extension Ledger {
    /// Records that a study begins: the run, its design and every arm's run, in one transaction, so that none of its steps
    /// is ever without the design that was fixed before it.
    public func beginStudy(
        _ description: RunDescription, design: DesignRecord, arms: [ArmRunRecord]
    ) throws(Diagnostic) -> RunID {
        try write { database in
            let id = try Self.insertRun(description, in: database)
            try database.execute(
                sql: "INSERT INTO design (run, text, digest, source) VALUES (?, ?, ?, ?)",
                arguments: [id.rawValue, design.text, design.digest, design.source])
            let statement = try database.cachedStatement(sql: Self.insertArmRun)
            for arm in arms { try statement.execute(arguments: arm.arguments(run: id)) }
            return id
        }
    }

    private static let insertArmRun = """
        INSERT INTO arm_run (
            run, position, arm, levels, seed, settings, settings_digest, status, stopped_step, message, seconds, tokens
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Records steps and how runs ended, in one transaction. A step that is there already is replaced, so a run may be
    /// computed again; costs are added up, the study's too.
    public func record(_ progress: StudyProgress, of run: RunID) throws(Diagnostic) {
        try write { database in
            let cost = progress.ends.reduce(into: RunCost()) { sum, end in
                sum.seconds += end.cost.seconds
                sum.tokens += end.cost.tokens
            }
            try Self.add(cost, to: run, in: database)
            let upsert = try database.cachedStatement(sql: Self.upsertStep)
            for step in progress.steps { try upsert.execute(arguments: step.arguments(run: run)) }
            let update = try database.cachedStatement(sql: Self.endArmRun)
            for end in progress.ends {
                try update.execute(arguments: end.arguments(run: run))
                guard database.changesCount > 0 else { throw Self.missing(armRun: end.armRun, of: run) }
            }
        }
    }

    private static let upsertStep = """
        INSERT INTO step (run, arm_run, step, readings, times) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (run, arm_run, step) DO UPDATE SET readings = excluded.readings, times = excluded.times
        """

    private static let endArmRun = """
        UPDATE arm_run SET status = ?, stopped_step = ?, message = ?, seconds = seconds + ?, tokens = tokens + ?
        WHERE run = ? AND position = ?
        """

    private static func missing(armRun: Int, of run: RunID) -> Diagnostic {
        Diagnostic(.internalFailure, "the study '\(run)' has no arm's run \(armRun)")
    }

    /// A study's design.
    ///
    /// - Throws: `inputMissing` where the run is not there or is no study.
    public func design(of run: RunID) throws(Diagnostic) -> DesignRecord {
        try read { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM design WHERE run = ?", arguments: [run.rawValue])
            guard let row else {
                throw Diagnostic(
                    .inputMissing, "the ledger has no study '\(run)'", remedy: "Name one of its studies' runs")
            }
            return DesignRecord(text: row["text"], digest: row["digest"], source: row["source"])
        }
    }

    /// The runs of a study's arms in the order of the plan.
    public func armRuns(of run: RunID) throws(Diagnostic) -> [ArmRunRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM arm_run WHERE run = ? ORDER BY position", arguments: [run.rawValue]
            ).map(ArmRunRecord.init(row:))
        }
    }

    /// What was read in one run of an arm, in the order of steps.
    public func steps(of run: RunID, armRun: Int) throws(Diagnostic) -> [StepRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM step WHERE run = ? AND arm_run = ? ORDER BY step",
                arguments: [run.rawValue, armRun]
            ).map(StepRecord.init(row:))
        }
    }

    /// The last step of each arm's run whose readings are recorded; runs without any are left out.
    public func lastSteps(of run: RunID) throws(Diagnostic) -> [Int: Int] {
        try read { database in
            let sql = "SELECT arm_run, max(step) AS step FROM step WHERE run = ? GROUP BY arm_run"
            let rows = try Row.fetchAll(database, sql: sql, arguments: [run.rawValue])
            return Dictionary(uniqueKeysWithValues: rows.map { (row: Row) in (row["arm_run"], row["step"]) })
        }
    }

    /// Records what a study found, in its order, in place of what was there.
    public func replaceFindings(_ findings: [FindingRecord], of run: RunID) throws(Diagnostic) {
        try write { database in
            try Self.add(RunCost(), to: run, in: database)
            try database.execute(sql: "DELETE FROM finding WHERE run = ?", arguments: [run.rawValue])
            let insert = try database.cachedStatement(
                sql: "INSERT INTO finding (run, position, kind, content) VALUES (?, ?, ?, ?)")
            for (position, finding) in findings.enumerated() {
                try insert.execute(arguments: [run.rawValue, position, finding.kind, finding.content.canonicalText])
            }
        }
    }

    /// What a study found, in the order in which it was recorded.
    public func findings(of run: RunID) throws(Diagnostic) -> [FindingRecord] {
        try read { database in
            let sql = "SELECT * FROM finding WHERE run = ? ORDER BY position"
            return try Row.fetchAll(database, sql: sql, arguments: [run.rawValue]).map { row in
                FindingRecord(kind: row["kind"], content: try JSONColumn.value(row["content"], of: "content"))
            }
        }
    }
}

extension ArmRunRecord {
    fileprivate func arguments(run: RunID) -> StatementArguments {
        [
            run.rawValue, position, arm, levels.canonicalText, seed, settings.canonicalText, settingsDigest,
            status.rawValue, stoppedStep, message, cost.seconds, cost.tokens,
        ]
    }

    fileprivate init(row: Row) throws {
        self.init(
            position: row["position"], arm: row["arm"], levels: try JSONColumn.value(row["levels"], of: "levels"),
            seed: row["seed"], settings: try JSONColumn.value(row["settings"], of: "settings"),
            status: try JSONColumn.required(Status(rawValue: row["status"]), of: "status"),
            stoppedStep: row["stopped_step"], message: row["message"],
            cost: RunCost(seconds: row["seconds"], tokens: row["tokens"]))
    }
}

extension ArmRunEnd {
    fileprivate func arguments(run: RunID) -> StatementArguments {
        [status.rawValue, stoppedStep, message, cost.seconds, cost.tokens, run.rawValue, armRun]
    }
}

extension StepRecord {
    fileprivate func arguments(run: RunID) -> StatementArguments {
        [run.rawValue, armRun, step, readings.text, times.text]
    }

    fileprivate init(row: Row) throws {
        self.init(
            armRun: row["arm_run"], step: row["step"],
            readings: try JSONColumn.value(row["readings"], of: "readings"),
            times: try JSONColumn.value(row["times"], of: "times"))
    }
}
