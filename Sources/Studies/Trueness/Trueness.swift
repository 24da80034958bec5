import Diagnostics
import Experiment
import JSON
import Ledger

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The instrument measured on itself: real runs are made once and kept in a ledger, then resampled; what comes out is
/// docs/TRUENESS.md.
///
/// Runs that the ledger has already are not made again, so a bank that was killed is gone on with.
public struct Trueness: Sendable {
    /// The SQLite file that keeps the runs.
    public var ledgerPath = "trueness.sqlite"
    /// Seeds of the bank; each is a run of every arm.
    public var bankSeeds = 200
    /// Whole A/A studies.
    public var studies = 200
    /// Seeds of each of them.
    public var studySeeds = 8
    /// Of every resampled rate, except where a row says otherwise.
    public var replicates = 10_000
    /// Processes, and threads of the resampling, at once; changes no number.
    public var jobs = 1
    /// Of the resampling.
    public var seed: UInt64 = 1
    /// What produces the numbers, as ``StudyRequest`` records it.
    public var worker: WorkerCommand
    /// Is told what goes on, a line each.
    public var progress: @Sendable (String) -> Void = { _ in }
    /// Is asked often; work then stops in good order.
    public var isInterrupted: @Sendable () -> Bool = { false }

    public init(worker: WorkerCommand) { self.worker = worker }

    /// Makes what runs are missing, resamples them, and says what came out.
    ///
    /// - Throws: `interrupted` where it was stopped; what runs and the ledger throw.
    public func measure(parts: some StudyParts) async throws(Diagnostic) -> TruenessReport {
        let begin = Self.now
        let bank = try TruenessBank(try await study(try TruenessDesigns.bank(seeds: bankSeeds), parts))
        progress("bank: \(bank.runs) runs")
        let endToEnd = try await sameAgain(parts)
        let made = Self.now
        let trained = try await TrainedPolicy.train(bases: "\(ledgerPath)-checkpoints/bases")
        let replication = Replication(count: replicates, jobs: jobs, seed: seed)
        var tables = [endToEnd]
        for part in Self.parts(bank, trained, replication) {
            guard !isInterrupted() else { throw Self.interrupted }
            tables.append(try await part.table())
            progress("\(tables[tables.count - 1].title): \(counted(tables[tables.count - 1].rows.count, "row"))")
        }
        return TruenessReport(
            tables: tables, trueness: self, bankRuns: bank.runs, provenance: try parts.provenance(),
            machine: try parts.machine(), seconds: (runs: made - begin, resampling: Self.now - made))
    }

    private static func parts(
        _ bank: TruenessBank, _ trained: TrainedPolicy, _ replication: Replication
    ) -> [any TruenessChecks] {
        [
            CoverageChecks(bank: bank, replication: replication),
            SequenceChecks(bank: bank, replication: replication),
            WithdrawalChecks(bank: bank, replication: replication),
            OptimumChecks(bank: bank, replication: replication),
            TrackingChecks(bank: bank, replication: replication),
            ContrastChecks(bank: bank, replication: replication),
            PowerChecks(bank: bank, replication: replication),
            EnumerationChecks(trained: trained, replication: replication),
            MeterChecks(bank: bank, trained: trained, replication: replication),
            PathChecks(bank: bank, trained: trained, replication: replication),
        ]
    }

    private static var interrupted: Diagnostic {
        Diagnostic(.interrupted, "interrupted while resampling", remedy: "The runs are kept; begin again")
    }

    /// Seconds on a clock that nobody sets.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension Trueness {
    /// The study's results: from the ledger where it is done, made or gone on with where not.
    private func study(_ design: StudyDesign, _ parts: some StudyParts) async throws(Diagnostic) -> StudyResults {
        let ledger = try Ledger(path: ledgerPath)
        let kept = try ledger.latestRun(verb: "study", settingsDigest: design.digest, outputPath: nil)
        let provenance = try parts.provenance()
        // What another program made is no measurement of this one.
        let earlier = kept.flatMap { $0.isMade(by: provenance) ? $0 : nil }
        if let earlier, earlier.status == .done { return try StudyResults(earlier.id, in: ledger) }
        var request = StudyRequest(design, worker: worker)
        request.ledgerPath = ledgerPath
        request.jobs = jobs
        request.resumes = earlier != nil
        request.isQuiet = design.seeds.count < 20
        request.provenance = provenance
        request.machine = try parts.machine()
        let results = try await StudyRun(request, parts: parts, isInterrupted: isInterrupted).run(
            analysis: parts.findings)
        if let failure = results.failure { throw failure }
        return results
    }

    /// Whole A/A studies, each from its file to its verdict; a false alarm is a report that says they differ.
    private func sameAgain(_ parts: some StudyParts) async throws(Diagnostic) -> TruenessTable {
        var alarms = 0
        for number in 0..<studies {
            let design = try TruenessDesigns.sameAgain(study: number, seeds: studySeeds)
            let results = try await study(design, parts)
            let records = try results.ledger.findings(of: results.run).filter { $0.kind == "verdict" }
            if try Self.isAlarm(records.map(\.content)) { alarms += 1 }
            if (number + 1) % 20 == 0 { progress("A/A studies: \(number + 1) of \(studies)") }
        }
        return TruenessTable(
            title: "A/A from end to end",
            prose: """
                \(studies) studies of \(studySeeds) seeds, each with an arm and its A/A copy (grpo, 20 updates, gold read \
                exactly), executed by the runner in worker processes, recorded, analysed and given a verdict like a user's \
                own; no two share a seed.
                """,
            rows: [
                try TruenessRow(
                    "the report says of an A/A arm that it differs", .atMost(0.05), hits: alarms, of: studies)
            ])
    }
}

extension Trueness {
    /// Whether the verdicts that a study recorded say that its A/A arm differs.
    ///
    /// - Throws: `internalFailure` where there is none about it.
    static func isAlarm(_ verdicts: [JSONValue]) throws(Diagnostic) -> Bool {
        guard let verdict = verdicts.first(where: { $0["verdict"]?.stringValue?.hasPrefix("A/A") == true }) else {
            throw Diagnostic(.internalFailure, "an A/A study has no verdict on it: \(verdicts.map(\.text))")
        }
        return verdict["tone"]?.stringValue == Finding.Tone.negative.rawValue
    }
}

extension RunRecord {
    /// Whether program, libraries and machine code were these.
    fileprivate func isMade(by provenance: JSONValue) -> Bool {
        (provenance.objectValue ?? [:]).allSatisfy { description.provenance[String($0.key)] == $0.value }
    }
}

/// One part of the trueness report.
protocol TruenessChecks: Sendable {
    func table() async throws(Diagnostic) -> TruenessTable
}
