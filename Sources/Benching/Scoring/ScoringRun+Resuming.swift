import Diagnostics
import Ledger

extension ScoringRun {
    /// Begins a run, or goes on with one.
    func begin(_ setup: ScoringSetup, _ output: OutputFile) throws(Diagnostic) -> ScoringWork {
        let length = FilePath.size(request.output)
        guard request.options.resumes, output.isRegular, try isResumable(setup, length: length) else {
            try output.truncate(to: 0)
            return ScoringWork(run: try setup.ledger.beginRun(setup.description))
        }
        let earlier = try requireEarlierRun(setup)
        try setup.ledger.resumeRun(earlier.id)
        return try salvage(earlier.id, setup, output)
    }

    /// An empty file that no run is known of has nothing to go on with; a file that a run has written needs that run.
    private func isResumable(_ setup: ScoringSetup, length: Int) throws(Diagnostic) -> Bool {
        if length > 0 { return true }
        return try earlierRun(setup) != nil
    }

    private func earlierRun(_ setup: ScoringSetup) throws(Diagnostic) -> RunRecord? {
        let description = setup.description
        return try setup.ledger.latestRun(
            verb: description.verb, settingsDigest: description.settingsDigest, outputPath: description.outputPath)
    }

    private func requireEarlierRun(_ setup: ScoringSetup) throws(Diagnostic) -> RunRecord {
        if let run = try earlierRun(setup) { return run }
        let description = setup.description
        let other = try setup.ledger.runs().first {
            $0.description.verb == description.verb && $0.description.outputPath == description.outputPath
        }
        guard let other else { throw unknownRun(setup.ledger) }
        throw Self.changed(from: other, to: description, output: request.output)
    }

    private func unknownRun(_ ledger: Ledger) -> Diagnostic {
        Diagnostic(
            .usage, "the ledger \(ledger.path) knows no run that wrote this file, so there is none to go on with",
            at: .init(file: request.output),
            remedy: "Name the ledger of that run with --ledger, or write the file anew with --overwrite")
    }

    private static func changed(from earlier: RunRecord, to present: RunDescription, output: String) -> Diagnostic {
        let parts = SettingsDifference(from: earlier.description.settings, to: present.settings).parts
        return Diagnostic(
            .usage, "the run that wrote this file had other settings: \(parts.joined(separator: ", "))",
            at: .init(file: output),
            remedy: "Give the same settings to go on with it, write it anew with --overwrite, or name another file")
    }

    /// Keeps the whole batches of the output, in the ledger too, and cuts off what follows them.
    ///
    /// The ledger is a batch behind the output at most; where it has a row, the output must say the same, or another hand
    /// has written it.
    private func salvage(
        _ run: RunID, _ setup: ScoringSetup, _ output: OutputFile
    ) throws(Diagnostic) -> ScoringWork {
        var known: [Int: ScoreRecord] = [:]
        for record in try setup.ledger.scores(of: run, reward: 0) { known[record.row] = record }
        let scan = try OutputScan(of: request.output, plan: setup.plan, rows: try setup.stream()) {
            (batch, outcomes) throws(Diagnostic) in
            let records = zip(batch, outcomes).map { $1.record(reward: 0, row: $0) }
            guard records.allSatisfy({ known[$0.row, default: $0] == $0 }) else { return false }
            let missing = records.filter { known[$0.row] == nil }
            if !missing.isEmpty { try setup.ledger.appendScores(missing, to: run) }
            return true
        }
        try output.truncate(to: scan.bytes)
        return ScoringWork(run: run, firstBatch: scan.batches, firstRow: scan.rows, failures: scan.failures)
    }
}

extension CommandLineRecord {
    /// The command that goes on with the run.
    public var resuming: String {
        let rest = arguments.filter { $0 != "--overwrite" }
        return (rest.contains("--resume") ? rest : rest + ["--resume"]).map(Self.quoted).joined(separator: " ")
    }

    /// An argument as a shell reads it back.
    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=,@%+".utf8.contains(byte)
            }
        }
        if isPlain, !argument.isEmpty { return argument }
        return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
