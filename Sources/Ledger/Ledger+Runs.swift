public import Diagnostics
internal import Foundation
internal import GRDB
public import JSON

extension Ledger {
    /// Records that a run begins and names it.
    public func beginRun(_ description: RunDescription) throws(Diagnostic) -> RunID {
        try write { database in try Self.insertRun(description, in: database) }
    }

    static func insertRun(_ description: RunDescription, in database: Database) throws -> RunID {
        let started = Date()
        let id = RunID(startedAt: started)
        try database.execute(
            sql: """
                INSERT INTO run (
                    id, verb, status, started, settings, settings_digest, provenance, machine, command_line, output_path,
                    seconds, tokens
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
                """,
            arguments: [
                id.rawValue, description.verb, RunStatus.running.rawValue, started.formatted(.ledger),
                description.settings.canonicalText, description.settingsDigest,
                description.provenance.canonicalText,
                description.machine.canonicalText, JSONColumn.text(description.commandLine), description.outputPath,
            ])
        return id
    }

    /// Records that a run goes on after it was killed, interrupted or failed.
    public func resumeRun(_ id: RunID) throws(Diagnostic) {
        try write { database in
            let arguments: StatementArguments = [RunStatus.running.rawValue, id.rawValue]
            try database.execute(sql: "UPDATE run SET status = ?, finished = NULL WHERE id = ?", arguments: arguments)
            try Self.requireChange(database, of: id)
        }
    }

    /// Records what produced a run, where it was not known when the run began.
    public func setProvenance(_ provenance: JSONValue, of id: RunID) throws(Diagnostic) {
        try write { database in
            let arguments: StatementArguments = [provenance.canonicalText, id.rawValue]
            try database.execute(sql: "UPDATE run SET provenance = ? WHERE id = ?", arguments: arguments)
            try Self.requireChange(database, of: id)
        }
    }

    /// Records how a run ended.
    ///
    /// - Parameter cost: what it took beyond what ``appendScores(_:to:cost:)`` was told; it is added up.
    public func finishRun(_ id: RunID, as status: RunStatus, cost: RunCost = RunCost()) throws(Diagnostic) {
        try write { database in
            let arguments: StatementArguments = [status.rawValue, Date().formatted(.ledger), id.rawValue]
            try database.execute(sql: "UPDATE run SET status = ?, finished = ? WHERE id = ?", arguments: arguments)
            try Self.requireChange(database, of: id)
            try Self.add(cost, to: id, in: database)
        }
    }

    static func add(_ cost: RunCost, to id: RunID, in database: Database) throws {
        try database.execute(
            sql: "UPDATE run SET seconds = seconds + ?, tokens = tokens + ? WHERE id = ?",
            arguments: [cost.seconds, cost.tokens, id.rawValue])
        try requireChange(database, of: id)
    }

    private static func requireChange(_ database: Database, of id: RunID) throws {
        guard database.changesCount > 0 else { throw missing(id) }
    }

    static func missing(_ id: RunID) -> Diagnostic {
        Diagnostic(.inputMissing, "there is no run '\(id)' in the ledger", remedy: "Name one of its runs")
    }
}

extension Ledger {
    /// A run; `nil` where the ledger has none of that name.
    public func run(_ id: RunID) throws(Diagnostic) -> RunRecord? {
        try runs(where: "id = ?", arguments: [id.rawValue], limit: 1).first
    }

    /// The runs, the latest first.
    public func runs(limit: Int = .max) throws(Diagnostic) -> [RunRecord] {
        try runs(where: "TRUE", arguments: [], limit: limit)
    }

    /// The latest run of the same verb, settings and output, whatever became of it.
    public func latestRun(
        verb: String, settingsDigest: String, outputPath: String?
    ) throws(Diagnostic) -> RunRecord? {
        try runs(
            where: "verb = ? AND settings_digest = ? AND output_path IS ?",
            arguments: [verb, settingsDigest, outputPath],
            limit: 1
        ).first
    }

    /// The latest run of the same verb, settings and output, where there is work left in it.
    ///
    /// A run whose status is `running` may be one that was killed or one at work: the ledger cannot tell them apart.
    public func latestResumableRun(
        verb: String, settingsDigest: String, outputPath: String?
    ) throws(Diagnostic) -> RunRecord? {
        let latest = try latestRun(verb: verb, settingsDigest: settingsDigest, outputPath: outputPath)
        return latest?.status == .done ? nil : latest
    }

    private func runs(
        where condition: String, arguments: StatementArguments, limit: Int
    ) throws(Diagnostic) -> [RunRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM run WHERE \(condition) ORDER BY started DESC, rowid DESC LIMIT ?",
                arguments: arguments + [limit]
            ).map(RunRecord.init(row:))
        }
    }
}

extension RunRecord {
    fileprivate init(row: Row) throws {
        id = RunID(rawValue: row["id"])
        description = RunDescription(
            verb: row["verb"], settings: try JSONColumn.value(row["settings"], of: "settings"),
            provenance: try JSONColumn.value(row["provenance"], of: "provenance"),
            machine: try JSONColumn.value(row["machine"], of: "machine"),
            commandLine: try JSONColumn.strings(row["command_line"], of: "command_line"), outputPath: row["output_path"]
        )
        status = try JSONColumn.required(RunStatus(rawValue: row["status"]), of: "status")
        started = try JSONColumn.time(row["started"], of: "started")
        finished = try (row["finished"] as String?).map { try JSONColumn.time($0, of: "finished") }
        cost = RunCost(seconds: row["seconds"], tokens: row["tokens"])
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// UTC with milliseconds, which sorts as text.
    static var ledger: Date.ISO8601FormatStyle { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}
