public import Diagnostics
internal import Foundation
internal import GRDB
internal import Synchronization

/// The one SQLite file that holds runs, their scores and results, and what produced them.
///
/// Every method is one transaction: after a crash, a SIGKILL or a full disk the file holds whole calls, never a part of
/// one. Several processes may use one file at once; each waits for the others' transactions, which are short. A ledger
/// may be shared between threads; its calls then run one after another.
///
/// All methods throw a `Diagnostic` that names the file:
/// - `inputMissing`: the folder is not there, the path is a folder, or file or folder may not be written;
/// - `badData`: the file is not a ledger, is damaged, or was written by a newer version of the program;
/// - `unavailable`: the disk is full or fails, or another process holds the file locked for longer than the time given.
///
/// ## Topics
/// - ``init(path:busyTimeout:)``
/// - ``beginRun(_:)``, ``resumeRun(_:)``, ``finishRun(_:as:cost:)``, ``run(_:)``, ``runs(limit:)``,
///   ``latestResumableRun(verb:settingsDigest:outputPath:)``
/// - ``appendScores(_:to:cost:)``, ``scores(of:reward:)``, ``scoredRows(of:reward:)``
/// - ``replaceResults(_:of:)``, ``results(of:)``
/// - ``beginStudy(_:design:arms:)``, ``record(_:of:)``, ``design(of:)``, ``armRuns(of:)``, ``steps(of:armRun:)``,
///   ``replaceFindings(_:of:)``, ``findings(of:)``
/// - ``beginEpisode(_:as:)``, ``finishEpisode(_:as:_:)``, ``episodes(limit:)``, ``episode(named:)``,
///   ``recordExchange(_:of:replicate:)``, ``exchanges(of:replicate:)``, ``replicate(_:of:)``, ``replicates(of:)``
/// - ``lockRun(_:)``
/// - ``digest(of:)``, ``digest(ofFile:)``
public final class Ledger: Sendable {
    /// Where the file is, as it was given.
    public let path: String
    private let database: DatabaseQueue
    /// Whether commits wait for the disk; touched within the queue only, where calls follow each other.
    private let waitsForDisk = Mutex(true)

    /// Opens a ledger, and makes it where there is no file.
    ///
    /// - Parameter busyTimeout: how long a call waits for another process's transaction.
    public convenience init(path: String, busyTimeout: Duration = .seconds(10)) throws(Diagnostic) {
        try self.init(path: path, busyTimeout: busyTimeout, maximumPageCount: nil)
    }

    /// - Parameter maximumPageCount: the size, in pages, beyond which SQLite reports a full disk.
    init(path: String, busyTimeout: Duration, maximumPageCount: Int?) throws(Diagnostic) {
        self.path = path
        try Self.checkPlace(path)
        database = try Self.translatingErrors(path: path) {
            let configuration = Self.configuration(busyTimeout: busyTimeout, maximumPageCount: maximumPageCount)
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        try Self.translatingErrors(path: path) { try LedgerSchema.prepare(database, path: path, within: busyTimeout) }
    }

    private static func configuration(busyTimeout: Duration, maximumPageCount: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "Ledger"
        configuration.busyMode = .timeout(busyTimeout / .seconds(1))
        configuration.prepareDatabase { database in
            // Every commit is on the disk before the call returns, so that not even a power cut takes it back.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumPageCount { try database.execute(sql: "PRAGMA max_page_count = \(maximumPageCount)") }
        }
        return configuration
    }
}

extension Ledger {
    /// Runs a transaction that reads.
    func read<Value>(_ body: (Database) throws -> Value) throws(Diagnostic) -> Value {
        try Self.translatingErrors(path: path) { try database.read(body) }
    }

    /// Runs a transaction that writes; nothing of it stays where it throws.
    func write<Value>(_ body: (Database) throws -> Value) throws(Diagnostic) -> Value {
        try Self.translatingErrors(path: path) {
            try database.writeWithoutTransaction { database in
                try waitForDisk(true, database)
                return try Self.commit(body, to: database)
            }
        }
    }

    /// The same without waiting for the disk: the transaction outlives this process, but not a power cut.
    func writeWithoutDisk<Value>(_ body: (Database) throws -> Value) throws(Diagnostic) -> Value {
        try Self.translatingErrors(path: path) {
            try database.writeWithoutTransaction { database in
                try waitForDisk(false, database)
                return try Self.commit(body, to: database)
            }
        }
    }

    private func waitForDisk(_ waits: Bool, _ database: Database) throws {
        guard waitsForDisk.withLock({ $0 }) != waits else { return }
        try database.execute(sql: "PRAGMA synchronous = \(waits ? "FULL" : "NORMAL")")
        waitsForDisk.withLock { $0 = waits }
    }

    /// The lock is taken at once: a transaction that began by reading could not wait for another process's.
    private static func commit<Value>(_ body: (Database) throws -> Value, to database: Database) throws -> Value {
        var value: Value?
        try database.inTransaction(.immediate) {
            value = try body(database)
            return .commit
        }
        guard let value else { throw Diagnostic(.internalFailure, "a transaction of the ledger gave no value") }
        return value
    }
}
