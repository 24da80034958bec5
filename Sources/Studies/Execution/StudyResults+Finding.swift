import Diagnostics
import Foundation
import Ledger

extension StudyResults {
    /// Studies of a ledger by their runs' ids; the latest where none is named.
    ///
    /// - Throws: `inputMissing` where the ledger has no such study.
    public static func named(_ ids: [String], inLedger path: String) throws(Diagnostic) -> [StudyResults] {
        try requireLedger(path)
        let ledger = try Ledger(path: path)
        var results: [StudyResults] = []
        for id in ids { results.append(try StudyResults(RunID(rawValue: id), in: ledger)) }
        guard ids.isEmpty else { return results }
        let verbs = ["study", "run"]
        guard let latest = try ledger.runs().first(where: { verbs.contains($0.description.verb) }) else {
            throw Diagnostic(
                .inputMissing, "the ledger holds no study and no run", at: .init(file: path),
                remedy: "Run assay study run NAME or assay run first, or name another ledger with --ledger")
        }
        return [try StudyResults(latest.id, in: ledger)]
    }

    /// Where there is no ledger, opening it would make one.
    static func requireLedger(_ path: String) throws(Diagnostic) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic(
                .inputMissing, "there is no such ledger", at: .init(file: path),
                remedy: "Name the ledger of the run with --ledger, or begin a run")
        }
    }
}
