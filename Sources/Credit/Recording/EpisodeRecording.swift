import Diagnostics
import Foundation
import HTTPProxy
import JSON
import Ledger

/// Records one run of a program as an episode.
public struct EpisodeRecording: Sendable {
    public let settings: EpisodeSettings
    public let command: [String]
    public var task = ""
    public var replaysAreSafe = false
    /// Whether what the program prints goes to this process's own streams.
    public var passesThrough = true

    public init(_ command: [String], _ settings: EpisodeSettings) {
        self.command = command
        self.settings = settings
    }

    /// The exit code where Assay itself failed, so that it is not taken for the program's.
    public static let ownFailure: Int32 = 125

    /// How a recording went.
    public struct Result: Sendable {
        public let episode: EpisodeID
        /// As the program gave it, so that it can be passed through.
        public let exitCode: Int32
        /// Why there is no outcome; `nil` where there is one.
        public let failure: Diagnostic?
    }

    /// Runs the program and records it; an episode that has no outcome stays in the ledger, to be looked at.
    ///
    /// - Throws: where the program could not be run, or an exchange could not be recorded.
    public func run(in ledger: Ledger) async throws(Diagnostic) -> Result {
        let runner = try ProgramRunner(command, settings, passesThrough: passesThrough)
        let secrets = SecretRedaction(tag: settings.secretTag, environment: ProcessInfo.processInfo.environment)
        let id = try ledger.beginEpisode(
            EpisodeDescription(
                task: task, commandLine: command.map(secrets.redacted), settings: settings.json,
                replaysAreSafe: replaysAreSafe))
        do throws(Diagnostic) {
            return try await record(id, runner, secrets, in: ledger)
        } catch {
            try ledger.finishEpisode(id, as: .failed, EpisodeEnd(message: secrets.redacted(error.description)))
            throw error
        }
    }

    private func record(
        _ id: EpisodeID, _ runner: ProgramRunner, _ secrets: SecretRedaction, in ledger: Ledger
    ) async throws(Diagnostic) -> Result {
        let keeper = try ExchangeKeeper(ledger, id, settings, secrets)
        let recorder = Recorder(keeper, try Upstreams(settings))
        let run = try await ProxyHosting.run(recorder) { (port) throws(Diagnostic) in
            try await runner.run(base: ProxyAddress(port: port))
        }
        try keeper.check()
        let failure = failure(of: run, keeper).map { $0.redacted(by: secrets) }
        let outcome = failure == nil ? try? run.outcome.get() : nil
        try ledger.finishEpisode(
            id, as: failure == nil ? .done : .failed,
            EpisodeEnd(
                outcome: outcome, exitCode: Int(run.end.exitCode),
                message: (failure?.description).map(secrets.redacted),
                output: secrets.redacted(run.end.output), errors: secrets.redacted(run.end.errors)))
        return Result(episode: id, exitCode: run.end.exitCode, failure: failure)
    }

    private func failure(of run: ProgramRun, _ keeper: ExchangeKeeper) -> Diagnostic? {
        if case .failure(let failure) = run.outcome, failure.category == .interrupted { return failure }
        if keeper.kept.count == 0 { return noCalls(run) }
        guard case .failure(var failure) = run.outcome else { return nil }
        let (refused, last) = keeper.refused
        if refused > 0 {
            failure.message +=
                "; \(refused) of \(keeper.kept.count) requests had no answer from upstream, the last: \(last)"
        }
        return failure
    }

    /// What is wrong is most likely not the outcome, where there is none either.
    private func noCalls(_ run: ProgramRun) -> Diagnostic {
        let end = run.end.exitCode == 0 ? "" : "; it ended with exit code \(run.end.exitCode)"
        let hangs = run.end.status == .timeLimit ? " within its time limit" : ""
        return Diagnostic(
            .badData, "the program made no call through the proxy\(hangs)\(end)",
            remedy:
                "Let its client take the address from OPENAI_BASE_URL, OPENAI_API_BASE or ANTHROPIC_BASE_URL; an address written into the program bypasses the record"
        )
    }
}

extension EpisodeSettings {
    /// A folder with nothing in it, for a program that needs none.
    public static func emptyFolder(besideLedger ledger: String) throws(Diagnostic) -> String {
        let path = URL(filePath: ledger + "-folders").appending(path: "empty").path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Diagnostic(
                .unavailable, "the folder cannot be made: \(error.localizedDescription)", at: .init(file: path),
                remedy: "Check the folder of the ledger, or name another with --ledger")
        }
        return path
    }

    /// Keeps a folder for an episode, beside the ledger.
    ///
    /// - Parameter folder: the folder as the user has it.
    public static func keeping(
        folder: String, besideLedger ledger: String
    ) throws(Diagnostic) -> WorkingFolder {
        let source = try WorkingFolder.resolved(folder)
        let ledgerFolder = try WorkingFolder.resolved(URL(filePath: ledger).deletingLastPathComponent().path)
        let place = "\(ledgerFolder)/\(URL(filePath: ledger).lastPathComponent)"
        let name = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let omitted = ["", "-wal", "-shm", "-folders"].map { place + $0 }
        return try WorkingFolder(
            keeping: source, at: "\(place)-folders/\(name)", omitting: Set(omitted), Containment.available)
    }
}

extension Diagnostic {
    /// The same without secrets, which what a program printed may have brought into it.
    func redacted(by secrets: SecretRedaction) -> Diagnostic {
        var copy = self
        copy.message = secrets.redacted(message)
        copy.remedy = secrets.redacted(remedy)
        return copy
    }
}
