internal import Crypto
public import Diagnostics
internal import Foundation
internal import GRDB

extension Ledger {
    /// SHA-256, in hexadecimal, of what a run found and what it found it with: verb, status, settings, provenance, machine,
    /// scores and results, in the order of their keys; of a study also its design, its arms with how they ended, what was
    /// read at their steps, and its findings.
    ///
    /// Left out are the run's name and times, its cost, and how it was asked for (command line, output path): a run that
    /// was killed and resumed has the digest of one that was not. The same content has the same digest on every platform.
    ///
    /// - Throws: `inputMissing` where there is no such run.
    public func digest(of run: RunID) throws(Diagnostic) -> String {
        try read { database in
            var digest = ContentDigest()
            for query in Self.contentQueries {
                let rows = try Row.fetchCursor(database, sql: query, arguments: [run.rawValue])
                let count = try digest.add(rows)
                guard count > 0 || query != Self.contentQueries.first else { throw Self.missing(run) }
            }
            for query in try Self.studyQueries(for: run, in: database) {
                try digest.add(Row.fetchCursor(database, sql: query, arguments: [run.rawValue]))
            }
            return digest.hexadecimal
        }
    }

    /// None for a run that is no study, so that ledgers from before there were studies keep their digests.
    private static func studyQueries(for run: RunID, in database: Database) throws -> [String] {
        let isStudy = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM design WHERE run = ?)", arguments: [run.rawValue])
        return isStudy == true ? studyQueries : []
    }

    private static let studyQueries = [
        "SELECT text, digest FROM design WHERE run = ?",
        """
        SELECT position, arm, levels, seed, settings, settings_digest, status, stopped_step, message FROM arm_run
        WHERE run = ? ORDER BY position
        """,
        "SELECT arm_run, step, readings FROM step WHERE run = ? ORDER BY arm_run, step",
        "SELECT position, kind, content FROM finding WHERE run = ? ORDER BY position",
    ]

    /// Columns that a later schema adds do not belong here unless every older run's digest may change.
    private static let contentQueries = [
        "SELECT verb, status, settings, provenance, machine FROM run WHERE id = ?",
        """
        SELECT reward, row, row_id, scores, tokens, truncated, per_token, failure FROM score WHERE run = ?
        ORDER BY reward, row
        """,
        """
        SELECT position, reward, reference, subset, metric, point, lower, upper, level, method, n, comparisons, clusters,
            ties, truncated, p_value, test, details
        FROM result WHERE run = ? ORDER BY position
        """,
    ]
}

/// A digest of typed values: each is hashed with its kind and length, so that no two contents give the same bytes.
private struct ContentDigest {
    private var hash = SHA256()

    init() { add(text: "assay ledger content 1") }

    /// Returns the number of rows.
    @discardableResult
    mutating func add(_ rows: RowCursor) throws -> Int {
        var count = 0
        while let row = try rows.next() {
            count += 1
            for value in row.databaseValues { add(value) }
        }
        add(kind: "#", UInt64(count))
        return count
    }

    private mutating func add(_ value: DatabaseValue) {
        switch value.storage {
        case .null: add(kind: "n", 0)
        case .int64(let value): add(kind: "i", UInt64(bitPattern: value))
        case .double(let value): add(kind: "d", value.bitPattern)
        case .string(let text): add(text: text)
        case .blob(let bytes):
            add(kind: "b", UInt64(bytes.count))
            hash.update(data: bytes)
        }
    }

    private mutating func add(text: String) {
        add(kind: "s", UInt64(text.utf8.count))
        hash.update(data: Array(text.utf8))
    }

    private mutating func add(kind: Unicode.Scalar, _ value: UInt64) {
        hash.update(data: [UInt8(ascii: kind)])
        withUnsafeBytes(of: value.littleEndian) { hash.update(bufferPointer: $0) }
    }

    var hexadecimal: String { SHA256Digest.hexadecimal(hash.finalize()) }
}
