import Diagnostics
import Experiment
import JSON
import Ledger
import Suites

/// `assay bench`: a suite's rows scored by several rewards and by controls, and the suite's table of them.
///
/// Scores go to the ledger batch by batch, so that a run that was stopped goes on from there; results and differences follow
/// when all are there.
public struct BenchRun {
    let request: BenchRequest
    let interruption: Interruption

    public init(_ request: BenchRequest, interruption: Interruption = Interruption()) {
        var request = request
        request.rewards = request.rewards.map { $0.seeded(by: request.options.seed) }
        self.request = request
        self.interruption = interruption
    }

    /// Scores, evaluates and compares.
    ///
    /// - Throws: where data or rewards are bad, the ledger cannot be written, or another process is at work on the same
    ///   run; `interrupted` where the user stopped it.
    public func run() async throws(Diagnostic) -> BenchReport {
        let setup = try await BenchSetup(request)
        let name = String(setup.description.settingsDigest.prefix(16))
        let lock = try setup.ledger.lockRun(name)
        defer { withExtendedLifetime(lock) {} }
        let run = try begin(setup)
        do throws(Diagnostic) {
            return try await complete(run, setup)
        } catch {
            // Where the ledger itself is what failed this cannot succeed either, and the first error is the one to tell.
            try? setup.ledger.finishRun(run, as: error.category == .interrupted ? .interrupted : .failed)
            throw error
        }
    }

    private func begin(_ setup: BenchSetup) throws(Diagnostic) -> RunID {
        let description = setup.description
        guard request.options.resumes else { return try setup.ledger.beginRun(description) }
        let earlier = try setup.ledger.latestRun(
            verb: description.verb, settingsDigest: description.settingsDigest, outputPath: nil)
        if let earlier {
            try setup.ledger.resumeRun(earlier.id)
            return earlier.id
        }
        try refuseChangedSettings(setup, description)
        return try setup.ledger.beginRun(description)
    }

    /// Where a run on the same suite and data was left unfinished, going on with it under other settings is a mistake to tell.
    private func refuseChangedSettings(
        _ setup: BenchSetup, _ description: RunDescription
    ) throws(Diagnostic) {
        let unfinished = try setup.ledger.runs().first {
            $0.description.verb == "bench" && $0.status.isUnfinished
                && $0.description.settings["suite"] == description.settings["suite"]
                && $0.description.settings["data"] == description.settings["data"]
        }
        guard let unfinished else { return }
        let parts = SettingsDifference(from: unfinished.description.settings, to: description.settings).parts
        throw Diagnostic(
            .usage, "the unfinished run \(unfinished.id) had other settings: \(parts.joined(separator: ", "))",
            remedy: "Give the same settings to go on with it, or leave out --resume to begin a new run")
    }

    private func complete(_ run: RunID, _ setup: BenchSetup) async throws(Diagnostic) -> BenchReport {
        let ledger = setup.ledger
        interruption.listen { try? ledger.finishRun(run, as: .interrupted) }
        defer { interruption.stopListening() }
        var scored: [ScoredContender] = []
        let scorer = BenchScoring(setup: setup, run: run, interruption: interruption)
        defer { scorer.progress.finish() }
        for index in setup.contenders.indices { scored.append(try await scorer.scores(of: index)) }
        let report = try BenchReport(setup, scored, run: run)
        try ledger.replaceResults(report.records, of: run)
        try ledger.finishRun(run, as: report.failures.isEmpty ? .done : .partial)
        return report
    }
}

extension RunStatus {
    /// Whether there may be work left in a run.
    fileprivate var isUnfinished: Bool {
        switch self {
        case .running, .failed, .interrupted: true
        case .done, .partial: false
        }
    }
}

/// A contender's scores of the suite's rows and what they took this time.
struct ScoredContender {
    /// An outcome a row of the suite, in its order.
    var outcomes: [RowOutcome]
    var cost = RunCost()
    var keptRows = 0
}
