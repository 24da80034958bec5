import Foundation
import Ledger
import TestSupport
import Testing

/// Studies that are stopped from outside while their workers train.
@Suite(.serialized, .enabled(if: Command.hasTorch, "needs libtorch"))
struct StudyKillTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(SmallStudy.text(steps: 12), to: "study.yaml")
    }

    private func arguments(_ ledger: String) -> [String] {
        ["study", "run", "study.yaml", "--quiet", "--jobs", "2", "--ledger", ledger]
    }

    @Test("Killed at any instant and resumed, a study has the ledger digest of one that was left alone")
    func kill() throws {
        let start = ContinuousClock.now
        try #require(try Command.run(arguments("whole.sqlite"), in: folder).code == 0)
        let duration = start.duration(to: .now) / .seconds(1)
        let digest = try #require(try SmallStudy.digest("whole.sqlite", in: folder))
        var kills = Soak.count != nil ? 50 : 3
        var isBegun = false
        while kills > 0 {
            let running = try Command.start(
                arguments("killed.sqlite") + (isBegun ? ["--resume"] : []), in: folder)
            Thread.sleep(forTimeInterval: .random(in: 0...duration))
            running.signal(SIGKILL)
            if running.finish().code == -SIGKILL { kills -= 1 }
            isBegun = try hasRun("killed.sqlite")
        }
        let last = try Command.run(arguments("killed.sqlite") + (isBegun ? ["--resume"] : []), in: folder)
        #expect(last.code == 0, "\(last.error)")
        #expect(try SmallStudy.digest("killed.sqlite", in: folder) == digest)
    }

    /// A kill may come before the ledger has the run.
    private func hasRun(_ ledger: String) throws -> Bool {
        guard folder.exists(ledger) else { return false }
        return try !Ledger(path: folder.file(ledger)).runs().isEmpty
    }

    @Test("Ctrl-C stops study and workers with 130, and the command it names goes on", arguments: [SIGINT, SIGTERM])
    func interrupt(number: Int32) throws {
        try folder.write(SmallStudy.text(steps: 100, seeds: 1), to: "study.yaml")
        let running = try Command.start(arguments("stopped.sqlite"), in: folder)
        while running.process.isRunning, try !hasSteps() { Thread.sleep(forTimeInterval: 0.01) }
        running.signal(number)
        let result = running.finish()
        #expect(result.code == 130, "\(result.error)")
        let command = "\(Command.path) \(arguments("stopped.sqlite").joined(separator: " ")) --resume"
        #expect(result.error.hasSuffix("assay: error: interrupted. Go on with: \(command).\n"), "\(result.error)")
        let ledger = try Ledger(path: folder.file("stopped.sqlite"))
        #expect(try ledger.runs().first?.status == .interrupted)
        #expect(try Command.run(arguments("stopped.sqlite") + ["--resume"], in: folder).code == 0)
        #expect(try ledger.runs().map(\.status) == [.done])
    }

    private func hasSteps() throws -> Bool {
        guard try hasRun("stopped.sqlite") else { return false }
        let ledger = try Ledger(path: folder.file("stopped.sqlite"))
        guard let run = try ledger.runs().first else { return false }
        return try !ledger.steps(of: run.id, armRun: 0).isEmpty
    }
}
