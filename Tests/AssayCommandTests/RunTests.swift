import Foundation
import JSON
import Ledger
import TestSupport
import Testing

/// `assay run` on a checkpoint of Tests/Fixtures.
@Suite(.enabled(if: Command.hasTorch, "needs libtorch"))
struct RunTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(SmallRun.prompts, to: "q.jsonl")
    }

    private func run(_ more: String...) throws -> Command.Result {
        try Command.run(SmallRun.arguments() + more, in: folder)
    }

    @Test("Two rewards make two arms that differ in nothing else; the final policies and a page are written")
    func twoRewards() throws {
        let result = try run("--reward", "gold", "--reward", "bonus:length")
        #expect(result.code == 0, "\(result.error)")
        #expect(result.output.hasSuffix("report/index.html\n"))
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let study = try #require(try ledger.runs().first)
        let arms = try ledger.armRuns(of: study.id)
        #expect(arms.map(\.arm) == ["reward=gold", "reward=bonus:length"])
        #expect(arms.allSatisfy { $0.status == .done })
        var settings = arms.map { $0.settings.objectValue ?? [:] }
        #expect(settings.map { $0["reward"]?.text } == [#"["gold"]"#, #"["bonus:length"]"#])
        for index in settings.indices { settings[index]["reward"] = nil }
        #expect(settings[0] == settings[1])
        for position in arms.indices {
            #expect(try !ledger.steps(of: study.id, armRun: position).isEmpty)
            #expect(
                folder.exists("assay.sqlite-checkpoints/\(study.id)/\(position)/final/model.safetensors"))
        }
    }

    @Test("Gold that is not a number fails the run with the reason")
    func notANumber() throws {
        try folder.write("#!/bin/sh\ncat > /dev/null\nprintf nan\n", to: "gold.sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("gold.sh"))
        let result = try run("--gold", "command:./gold.sh")
        #expect(result.code == 69)
        #expect(result.error.contains("printed 'nan', which is no number"), "\(result.error)")
        #expect(result.error.hasSuffix(" Mend the cause and go on with --resume.\n"))
    }

    @Test(
        "Errors name the option",
        arguments: [
            (["--steps", "99999999"], "--steps: steps should be an integer from"),
            (["--lora", "0"], "--lora: rank should be"),
            (["--threads", "0"], "--threads: "), (["--max-tokens", "0"], "--max-tokens: "),
            (["--regime", "tilt"], "--regime: tilt needs a world whose responses can be listed, and prompts cannot"),
            (["--gold", "numbers"], "--gold: 'numbers' is no rule for gold"),
            (["--gold", "regex:("], "--gold: the pattern cannot be compiled"),
            (["--held-out", "12"], "q.jsonl: of 12 rows 12 cannot be held out"),
            (["--reward", "gold", "--reward", "gold"], "--reward: the level gold is given twice"),
            (["--jobs", "0"], "--jobs should be from 1 to 1024, but this is 0"),
            (["--regime", "grop"], "The value 'grop' is invalid for '--regime <regime>'"),
            (["--dry-run", "--resume"], "--dry-run and --resume exclude each other"),
        ])
    func options(more: [String], error: String) throws {
        let result = try Command.run(SmallRun.arguments() + more, in: folder)
        #expect(result.code == 64)
        #expect(result.error.hasPrefix("assay: error: \(error)"), "\(result.error)")
        #expect(!folder.exists("assay.sqlite"))
    }
}
