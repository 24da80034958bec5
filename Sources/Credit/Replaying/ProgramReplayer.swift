import Diagnostics
import Foundation
import HTTPProxy
import Ledger

/// An episode's program, run again from any prefix of what was recorded.
///
/// Each run is kept in the ledger under its request and the seed, with all that it had from upstream: the same request is
/// answered from there, and one that was killed is made again without paying twice.
public final class ProgramReplayer: Replayer {
    public let episode: EpisodeOutline
    let recorded: Episode
    let ledger: Ledger
    private let seed: UInt64
    private let runner: ProgramRunner
    private let router: RunRouter
    let secrets: SecretRedaction
    private let port: Int
    private let addressing: RequestAddressing

    private init(
        _ recorded: Episode, _ runner: ProgramRunner, _ ledger: Ledger, seed: UInt64, _ router: RunRouter, port: Int
    ) throws(Diagnostic) {
        self.recorded = recorded
        self.ledger = ledger
        self.seed = seed
        self.runner = runner
        self.router = router
        secrets = SecretRedaction(
            tag: recorded.settings.secretTag, environment: ProcessInfo.processInfo.environment)
        self.port = port
        episode = try recorded.outline
        addressing = try RequestAddressing(recorded.settings)
    }

    /// Makes a replayer for as long as `body` runs.
    ///
    /// - Parameters:
    ///   - command: the program; as it was recorded, or as the user gives it now.
    ///   - seed: of the seeds that are sent upstream.
    public static func run<Result: Sendable>(
        _ recorded: Episode, _ command: [String], in ledger: Ledger, seed: UInt64,
        while body: @Sendable (ProgramReplayer) async throws(Diagnostic) -> Result
    ) async throws(Diagnostic) -> Result {
        let runner = try ProgramRunner(command, recorded.settings)
        let router = RunRouter()
        return try await ProxyHosting.run(router) { (port) throws(Diagnostic) in
            try await body(ProgramReplayer(recorded, runner, ledger, seed: seed, router, port: port))
        }
    }

    /// How many runs may be at work at once.
    public func jobs(atMost wanted: Int) -> Int { runner.jobs(atMost: wanted) }

    public func replay(_ request: ReplayRequest) async throws(Diagnostic) -> ReplayOutcome {
        var record = try ledger.replicate(request.recordKey(seed: seed), of: recorded.id)
        if record.status == .done, let outcome = record.outcome {
            return ReplayOutcome(
                outcome: outcome, usage: ReplayUsage(record.tokens), seconds: record.seconds, isRecorded: true)
        }
        let known = try ledger.exchanges(of: recorded.id, replicate: record.id)
        do throws(Diagnostic) {
            let run = try await self.run(request, record, known: known)
            record.outcome = try outcome(of: run.program)
            (record.tokens, record.seconds, record.exitCode) = (
                run.tokens, run.program.end.seconds, Int(run.program.end.exitCode)
            )
            record.status = .done
        } catch {
            record.status = error.category == .interrupted ? .running : .failed
            record.message = secrets.redacted(error.description)
            try ledger.setReplicate(record, of: recorded.id)
            throw error
        }
        try ledger.setReplicate(record, of: recorded.id)
        return ReplayOutcome(
            outcome: record.outcome ?? 0, usage: ReplayUsage(record.tokens), seconds: record.seconds)
    }

    private func run(
        _ request: ReplayRequest, _ record: ReplicateRecord, known: [ExchangeRecord]
    ) async throws(Diagnostic) -> (program: ProgramRun, tokens: TokenCount) {
        let keeper = try ExchangeKeeper(
            ledger, recorded.id, replicate: record.id, after: known.count, recorded.settings, secrets)
        let plan = ReplayPlan(recorded, request, seed: seed, addressing)
        let handler = try ReplayRun(plan, keeper, known: known, secrets)
        let program = try await run(handler)
        try handler.check()
        let before = known.map(\.tokens).reduce(TokenCount(), +)
        return (program, before + keeper.kept.tokens)
    }

    /// Runs the program with an address of its own at the proxy.
    func run(_ handler: some ExchangeHandler) async throws(Diagnostic) -> ProgramRun {
        let path = router.add(handler)
        defer { router.remove(path) }
        return try await runner.run(base: ProxyAddress(port: port, path: path))
    }

    private func outcome(of run: ProgramRun) throws(Diagnostic) -> Double {
        do throws(Diagnostic) {
            return try run.outcome.get()
        } catch {
            if error.category == .badData, let failed = recorded.settings.failedOutcome { return failed }
            guard error.category == .badData else { throw error }
            throw Diagnostic(
                .badData, "a replay has no outcome: \(error.message)",
                remedy: "Let the program give one in every case, or count such runs with --failed-outcome VALUE")
        }
    }
}

extension ReplayUsage {
    init(_ tokens: TokenCount) {
        self.init(input: tokens.input ?? 0, cachedInput: tokens.cached ?? 0, output: tokens.output ?? 0)
    }
}

extension Episode {
    /// The episode as estimation sees it.
    ///
    /// - Throws: `badData` where it has no outcome or no decision.
    public var outline: EpisodeOutline {
        get throws(Diagnostic) {
            guard let outcome = record.outcome, !decisions.isEmpty else {
                throw Diagnostic(
                    .badData,
                    "the episode has no \(decisions.isEmpty ? "decision" : "outcome")"
                        + (record.message.map { " (\($0))" } ?? ""),
                    remedy: "Record it again")
            }
            let blocks = (0..<blockCount).map { number -> BlockOutline in
                let exchanges = decisions(ofBlock: number).map(\.exchange)
                let start = exchanges.map(\.started).min() ?? 0
                return BlockOutline(
                    decisions: decisions(ofBlock: number).map { DecisionOutline(number: $0.number, role: $0.role) },
                    usage: ReplayUsage(exchanges.map(\.tokens).reduce(TokenCount(), +)),
                    seconds: Double((exchanges.map(\.ended).max() ?? start) - start) * 1e-9)
            }
            let whole = record.finished.map { $0.timeIntervalSince(record.started) } ?? 0
            return EpisodeOutline(
                blocks: blocks, outcome: outcome, range: settings.range.lower...settings.range.upper,
                programSeconds: max(0, whole - blocks.reduce(0) { $0 + $1.seconds }))
        }
    }
}
