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

    @Test(
        "An option that belongs to another regime is refused",
        arguments: [
            (["--n", "1,2"], "--n is for --regime best-of-n, and this is grpo"),
            (["--regime", "dpo", "--clip", "0.1"], "--clip is for --regime grpo or rloo, and this is dpo"),
            (
                ["--regime", "dpo", "--kl-estimator", "k1"],
                "--kl-estimator is for --regime grpo or rloo, and this is dpo"
            ),
            (["--beta", "0.1"], "--beta is for --regime dpo, and this is grpo"),
            (["--keep", "0.5"], "--keep is for --regime rejection-ft, and this is grpo"),
            (["--regime", "rejection-ft", "--epochs", "2"], "--epochs is for --regime dpo or grpo or rloo"),
            (["--kl-estimator", "k2"], "--kl-estimator has no --kl that it could estimate"),
            (["--kl-place", "reward"], "--kl-place has no --kl to place"),
            (["--regime", "best-of-n", "--n", "1,,4"], "'1,,4' lists no sizes of at least 1"),
            (["--regime", "best-of-n", "--n", "0"], "'0' lists no sizes of at least 1"),
        ])
    func otherRegimes(options: [String], message: String) throws {
        let result = try Command.run(SmallRun.arguments() + options, in: folder)
        #expect(result.code != 0 && result.error.contains(message), "\(result.error)")
        #expect(!folder.exists("assay.sqlite"))
    }

    @Test("What the regimes' options say is what is run")
    func regimeOptions() throws {
        func regime(_ options: [String]) throws -> JSONValue? {
            let result = try Command.run(SmallRun.arguments() + options, in: folder)
            #expect(result.code == 0, "\(result.error)")
            let ledger = try Ledger(path: folder.file("assay.sqlite"))
            return try ledger.armRuns(of: try #require(try ledger.runs().first).id).first?.settings["regime"]
        }
        let grpo = try regime(["--kl", "0.1", "--kl-estimator", "k2", "--clip", "0.3", "--epochs", "2"])
        #expect(grpo?["kl"]?["estimator"] == "k2" && grpo?["clip"] == 0.3 && grpo?["epochs"] == 2)
        let selection = try regime(["--regime", "best-of-n", "--n", "1,2,4"])
        #expect(selection?["n"] == [1, 2, 4] && selection?["kind"] == "best-of-n")
    }

    @Test("A piece has a sham arm beside each reward's, is read on and off, and is taken away where that is asked")
    func pieces() throws {
        let result = try run(
            "--reward", "gold", "--reward", "bonus:length", "--verifier", "2", "--hint", "answer", "--fade-hint",
            "--withdraw-at", "1", "--evaluate-every", "1")
        #expect(result.code == 0, "\(result.error)")
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let study = try #require(try ledger.runs().first)
        let arms = try ledger.armRuns(of: study.id)
        #expect(
            arms.map(\.arm) == [
                "reward=gold,training=with", "reward=gold,training=sham", "reward=bonus:length,training=with",
                "reward=bonus:length,training=sham",
            ])
        #expect(
            arms[1].settings["pieces"]?.text
                == #"[{"kind":"verifier","size":2,"training":"sham","until":1},{"end":0.0,"field":"answer","kind":"hint","training":"sham","until":1}]"#
        )
        for position in arms.indices {
            let last = try ledger.steps(of: study.id, armRun: position).last?.readings.text ?? ""
            for meter in ["withdrawal.on", "withdrawal.off", "withdrawal.gap"] { #expect(last.contains(meter)) }
        }
        #expect(result.output.contains("verifier and hint, gold: cannot tell"), "\(result.output)")
        #expect(result.output.contains("1 seed, withdrawn mid-run. Removed at step 1, 1 step of training"))
    }

    @Test("A learned reward is trained on the policy's own samples before the run, once, beside the ledger")
    func learnedReward() throws {
        // About half of the random decoder's responses have an e in them.
        let result = try run("--gold", "regex:e", "--reward", "learned?pairs=8", "--seeds", "2")
        #expect(result.code == 0, "\(result.error)")
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let study = try #require(try ledger.runs().first)
        let first = try #require(try ledger.steps(of: study.id, armRun: 0).first)
        #expect(first.readings.text.contains("static.accuracy"), "\(first.readings)")
        let bases = try FileManager.default.contentsOfDirectory(
            atPath: folder.file("assay.sqlite-checkpoints/\(study.id)/models"))
        let models = bases.filter { $0.hasPrefix("reward-") && !$0.contains(".") }
        #expect(models.count == 2, "\(bases)")
        try folder.write(#"{"prompt": "1 + 1 =", "responses": ["2", "3"]}"# + "\n", to: "rows.jsonl")
        let score = try Command.run(
            [
                "score", "--reward", "explicit:assay.sqlite-checkpoints/\(study.id)/models/\(models[0])", "--input",
                "rows.jsonl",
                "--output", "scores.jsonl", "--template", "raw",
            ], in: folder)
        #expect(score.code == 0, "\(score.error)")
    }

    @Test("Where samples hardly differ in gold nothing can be learned, and that is said")
    func nothingToLearn() throws {
        let result = try run("--gold", "exact:answer", "--reward", "learned?pairs=100000")
        #expect(result.code != 0)
        #expect(
            result.error.contains("hardly two of the policy's samples to one prompt differ in gold"), "\(result.error)")
    }

    @Test("A row without the hint's field is told by the plan")
    func missingHint() throws {
        let result = try run("--hint", "tip")
        #expect(result.code == 65)
        #expect(
            result.error.hasPrefix(
                "assay: error: --verifier or --hint: the row 'row-1' of q.jsonl has no hint: its 'tip' is no text"),
            "\(result.error)")
        #expect(!folder.exists("assay.sqlite"))
    }

    @Test("best-of-n reads gold of the samples that it chooses from, and the page says it")
    func bestOfN() throws {
        let result = try run("--regime", "best-of-n", "--reward", "bonus:length", "--gold", "regex:e")
        #expect(result.code == 0, "\(result.error)")
        let page = try String(contentsOfFile: folder.file("report/index.html"), encoding: .utf8)
        #expect(page.contains("gold.mean") && !page.contains("refused"))
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
            (["--verifier", "2", "--withdraw-at", "2"], "--withdraw-at: the pieces should be taken away between"),
            (
                ["--verifier", "2", "--withdraw-at", "1", "--evaluate-every", "2"],
                "--withdraw-at: held-out prompts are read every 2 updates, so not at 1"
            ),
            (
                ["--verifier", "2", "--evaluate-every", "0"],
                "--evaluate-every: the pieces would never be read on and off"
            ),
            (["--fade-hint"], "--fade-hint has no --hint that could fade"),
            (
                ["--verifier", "4", "--data", "stale"],
                "--verifier or --hint: a verifier has no place in this run: stale data are sampled once"
            ),
            (["--dry-run", "--resume"], "--dry-run and --resume exclude each other"),
        ])
    func options(more: [String], error: String) throws {
        let result = try Command.run(SmallRun.arguments() + more, in: folder)
        #expect(result.code == 64)
        #expect(result.error.hasPrefix("assay: error: \(error)"), "\(result.error)")
        #expect(!folder.exists("assay.sqlite"))
    }
}
