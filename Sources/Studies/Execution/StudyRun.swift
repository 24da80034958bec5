import Diagnostics
import JSON
import Ledger

/// How a study is to be run.
public struct StudyRequest: Sendable {
    /// With the seeds that it is to be run at.
    public var design: StudyDesign
    public var ledgerPath = "assay.sqlite"
    /// Workers at once.
    public var jobs = 1
    /// Go on with the latest run of the same design.
    public var resumes = false
    public var isQuiet = false
    public var commandLine: [String] = []
    /// What produces the numbers, besides the design: program version, libtorch. A run is gone on with only where it is the same.
    public var provenance: JSONValue = [:]
    public var machine: JSONValue = [:]
    public var worker: WorkerCommand

    public init(_ design: StudyDesign, worker: WorkerCommand) {
        self.design = design
        self.worker = worker
    }
}

/// `assay study run`: plan, execute, analyse, record.
public struct StudyRun: Sendable {
    public let request: StudyRequest
    public let plan: StudyPlan
    private let isInterrupted: @Sendable () -> Bool

    /// Analyses what the runs recorded. Its findings become part of the study.
    public typealias Analysis = (StudyResults) throws(Diagnostic) -> [FindingRecord]

    /// Plans the study; computes nothing.
    ///
    /// - Parameters:
    ///   - check: says what a run takes, or why it cannot be (``StudyPlan/init(_:check:)``).
    ///   - isInterrupted: is asked ten times a second; the study then stops in good order.
    public init(
        _ request: StudyRequest, isInterrupted: @escaping @Sendable () -> Bool = { false }, check: StudyPlan.Check
    ) throws(Diagnostic) {
        self.request = request
        self.isInterrupted = isInterrupted
        plan = try StudyPlan(request.design, check: check)
    }

    /// Executes what is still to be done, analyses the whole, and records how it ended.
    ///
    /// - Returns: the study, done or partial (``StudyResults/failure``).
    /// - Throws: `interrupted` where it was stopped; `unavailable` where another process runs the same design on this ledger;
    ///   `usage` where there is nothing to go on with; what the ledger and the analysis throw.
    public func run(analysis: Analysis) async throws(Diagnostic) -> StudyResults {
        if request.resumes { try StudyResults.requireLedger(request.ledgerPath) }
        let ledger = try Ledger(path: request.ledgerPath)
        let lock = try ledger.lockRun(String(plan.design.digest.prefix(16)))
        defer { withExtendedLifetime(lock) {} }
        let run = try begin(ledger)
        do throws(Diagnostic) {
            try await execute(run, ledger)
            try ledger.replaceFindings(try analysis(try StudyResults(run, in: ledger)), of: run)
            let results = try StudyResults(run, in: ledger)
            try ledger.finishRun(run, as: results.failures.isEmpty ? .done : .partial)
            return results
        } catch {
            throw stopped(error, run, ledger)
        }
    }

    private func execute(_ run: RunID, _ ledger: Ledger) async throws(Diagnostic) {
        let ended = Set(try ledger.armRuns(of: run).filter(\.status.isFinal).map(\.position))
        var made: Set<String> = []
        let weights = plan.runs.map { max(1, plan.costs[$0.arm.position].work(seed: $0.seed, made: &made)) }
        let execution = StudyExecution(
            plan: plan, runs: plan.runs.filter { !ended.contains($0.position) },
            recordedSteps: try ledger.lastSteps(of: run), ledger: ledger, run: run, jobs: max(1, request.jobs),
            command: request.worker, weights: weights,
            isQuiet: request.isQuiet, isInterrupted: isInterrupted)
        try await execution.execute()
    }

    private func stopped(_ error: Diagnostic, _ run: RunID, _ ledger: Ledger) -> Diagnostic {
        // Where the ledger itself fails, the run stays marked as at work, and can be gone on with all the same.
        do throws(Diagnostic) {
            try ledger.finishRun(run, as: error.category == .interrupted ? .interrupted : .failed)
        } catch {}
        return error
    }
}

extension StudyRun {
    private var description: RunDescription {
        RunDescription(
            verb: "study", settings: plan.design.canonical, provenance: request.provenance, machine: request.machine,
            commandLine: request.commandLine)
    }

    private func begin(_ ledger: Ledger) throws(Diagnostic) -> RunID {
        guard request.resumes else {
            return try ledger.beginStudy(description, design: plan.design.record, arms: plan.runs.map(\.record))
        }
        let earlier = try ledger.latestRun(verb: "study", settingsDigest: plan.design.digest, outputPath: nil)
        guard let earlier else { throw nothingToResume(ledger) }
        try checkProvenance(earlier)
        try ledger.resumeRun(earlier.id)
        return earlier.id
    }

    private func nothingToResume(_ ledger: Ledger) -> Diagnostic {
        Diagnostic(
            .usage, "the ledger \(ledger.path) has no run of this design", at: .init(field: "--resume"),
            remedy: "Leave --resume out, or give the seeds and the ledger that the run was begun with")
    }

    private func checkProvenance(_ earlier: RunRecord) throws(Diagnostic) {
        guard earlier.status != .done else { return }
        let (before, now) = (earlier.description.provenance, request.provenance)
        guard before.canonicalText != now.canonicalText else { return }
        throw Diagnostic(
            .usage,
            "the run \(earlier.id) was begun with what differs now: \(Self.differences(before, now).joined(separator: ", "))",
            at: .init(field: "--resume"), remedy: "Begin anew without --resume, for its numbers would not match")
    }

    /// The members that differ, with both values where they are short.
    private static func differences(_ before: JSONValue, _ now: JSONValue) -> [String] {
        let (old, new) = (before.objectValue ?? [:], now.objectValue ?? [:])
        return Set(old.keys).union(new.keys).sorted().compactMap { key in
            guard old[key]?.canonicalText != new[key]?.canonicalText else { return nil }
            let values = [old[key], new[key]].map { $0.map { $0.stringValue ?? $0.text } ?? "nothing" }
            return values.allSatisfy { $0.count <= 20 } ? "\(key) (\(values[0]) then, \(values[1]) now)" : key
        }
    }
}

extension StudyResults {
    /// The runs that could not be executed.
    public var failures: [ArmRunRecord] { runs.filter { $0.status == .failed } }

    /// The runs that were stopped because something was not finite.
    public var divergences: [ArmRunRecord] { runs.filter { $0.status == .diverged } }

    /// What to tell where runs failed: `partial`, or `unavailable` where not one was executed; `nil` where none failed.
    public var failure: Diagnostic? {
        guard let first = failures.first else { return nil }
        let isTotal = failures.count == runs.count
        // A run's own message is whole sentences.
        let reason = first.message.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 } ?? ""
        return Diagnostic(
            isTotal ? .unavailable : .partial,
            "\(failures.count) of \(runs.count) runs failed; \(first.arm), seed \(first.seed): \(reason)",
            remedy: "Mend the cause and go on with --resume")
    }

    /// What to tell where runs diverged: `partial`, for their numbers are missing though the study is done; `nil` where none did.
    public var divergence: Diagnostic? {
        guard let first = divergences.first else { return nil }
        return Diagnostic(
            .partial,
            "\(divergences.count) of \(runs.count) runs diverged; \(first.arm), seed \(first.seed), at step "
                + "\(first.stoppedStep ?? 0): \(first.message ?? "")",
            remedy: "The others stand; lower the learning rate of these, or limit the gradient with gradient-clip")
    }
}
