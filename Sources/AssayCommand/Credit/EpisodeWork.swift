import Benching
import Credit
import Diagnostics
import Ledger

/// An episode as the verbs that replay it work on it.
struct EpisodeWork: Sendable {
    let ledger: Ledger
    let episode: Episode
    let command: [String]

    /// - Throws: `usage` where nobody said that replays are safe.
    init(_ options: EpisodeOptions) throws(Diagnostic) {
        ledger = try Ledger(path: options.recording.ledger)
        let record = try ledger.episode(named: options.episode)
        guard record.status != .imported else { throw Self.imported }
        if options.replaysAreSafe { try ledger.setReplaysAreSafe(of: record.id) }
        guard options.replaysAreSafe || record.description.replaysAreSafe else { throw Self.unsaid }
        var found = try Episode(record, in: ledger)
        if !options.addresses.isEmpty {
            var settings = found.settings
            options.addresses.apply(to: &settings)
            try settings.check()
            try ledger.setSettings(settings.json, of: record.id)
            found = try Episode(ledger.episode(named: record.id.rawValue), in: ledger)
        }
        episode = found
        command = options.command.isEmpty ? record.description.commandLine : options.command
    }

    private static var imported: Diagnostic {
        Diagnostic(
            .usage, "an imported episode cannot be replayed: there is no program that made it",
            remedy: "Look at it with assay credit page, or record the program")
    }

    static var unsaid: Diagnostic {
        Diagnostic(
            .usage, "replays repeat the program's side effects: mails are sent again, orders placed again",
            remedy: "Where that does no harm, say so once with --replays-are-safe")
    }

    /// Replays the unmodified record, and keeps what was found.
    func verdict(probingSeed: Bool = false) async throws(Diagnostic) -> Replayability {
        try await InterruptibleWork.run { () async throws(Diagnostic) in
            try await ProgramReplayer.run(episode, command, in: ledger, seed: 0) { (replayer) throws(Diagnostic) in
                var verdict = try await replayer.verdict()
                if probingSeed {
                    verdict.honoursSeed = try await replayer.honoursSeed()
                    verdict.wasProbed = true
                }
                try ledger.setVerdict(verdict.json, of: episode.id)
                return verdict
            }
        }
    }
}
