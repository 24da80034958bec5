import ArgumentParser
import Benching
import Credit
import Diagnostics
import Ledger

/// `assay credit record`
struct CreditRecord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Runs a program and records every call it makes to a language model.",
        discussion: """
            The program sees a fresh copy of its working folder, and what it writes there goes with the copy. Its output and its \
            exit code come through; where Assay itself fails, the exit code is 125.
            """)

    @OptionGroup var program: ProgramOptions
    @OptionGroup var recording: EpisodeLedger

    @Option(help: ArgumentHelp("What the episode is about, such as a task's name.", valueName: "name"))
    var task = ""

    @Flag(help: "Say that repeating the program's side effects does no harm; replays need it said once.")
    var replaysAreSafe = false

    @Flag(name: .shortAndLong, help: "Say nothing but what the program says.")
    var quiet = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The program and its arguments.", valueName: "command"))
    var command: [String] = []

    func run() async throws {
        let result: EpisodeRecording.Result
        do throws(Diagnostic) {
            result = try await record()
        } catch {
            Terminal.writeError("assay: error: \(error)\n")
            throw ExitCode(EpisodeRecording.ownFailure)
        }
        if let failure = result.failure {
            Terminal.writeError("assay: error: \(failure)\n")
            throw ExitCode(result.exitCode == 0 ? EpisodeRecording.ownFailure : result.exitCode)
        }
        if result.exitCode != 0 { throw ExitCode(result.exitCode) }
    }

    private func record() async throws(Diagnostic) -> EpisodeRecording.Result {
        let command = try program.program(command).command
        let ledger = try Ledger(path: recording.ledger)
        var episode = EpisodeRecording(command, try program.settings(besideLedger: recording.ledger))
        episode.task = task
        episode.replaysAreSafe = replaysAreSafe
        let result = try await InterruptibleWork.run { [episode] () async throws(Diagnostic) in
            try await episode.run(in: ledger)
        }
        if !quiet { Terminal.writeError(try Self.summary(result, in: ledger)) }
        return result
    }

    private static func summary(_ result: EpisodeRecording.Result, in ledger: Ledger) throws(Diagnostic) -> String {
        let episode = try Episode(ledger.episode(named: result.episode.rawValue), in: ledger)
        let outcome = episode.record.outcome.map { "outcome \($0)" } ?? "no outcome"
        return
            "assay: recorded \(result.episode): \(Self.counted(episode.decisions.count, "decision")) in "
            + "\(Self.counted(episode.blockCount, "block")), \(outcome)\n"
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
