import ArgumentParser
import Benching
import Diagnostics
import JSON
import Regimes
import Rewards
import Studies

/// `assay run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains your policy on your prompts against a reward, and reads everything from inside the run.",
        discussion: """
            Several --reward make several arms that differ in nothing else: same prompts, same draws. Gold is what no reward \
            sees: numeric-answer[:FIELD] (GSM8K's #### form and free text), true-equations, exact:FIELD, regex:PATTERN, or \
            command:EXECUTABLE, which gets the row on standard input and prints a number, with your rights.

            Rewards:
            \(HelpText.hanging(RewardKind.runHelp))
            Every spec of assay score serves too.
            """)

    @Option(help: ArgumentHelp("The policy's checkpoint folder.", valueName: "folder"), completion: .directory)
    var policy: String

    @Option(help: ArgumentHelp("Prompts as JSON lines.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var prompts: String

    @Option(help: ArgumentHelp("The rule for gold.", valueName: "rule"))
    var gold: String

    @Option(help: ArgumentHelp("A reward; each is an arm.", valueName: "spec"))
    var reward: [String] = ["gold"]

    @Option(help: ArgumentHelp("How the policy follows the reward.", valueName: "regime"))
    var regime = RegimeSettings.Kind.grpo

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Prompts") var rows: PromptOptions
    @OptionGroup(title: "Pieces to withdraw") var pieces: PieceOptions

    @Option(help: ArgumentHelp("Seeds, from 0.", valueName: "count"))
    var seeds = 1

    @Flag(help: "Run an A/A arm and a shuffled-reward arm beside the first arm.")
    var controls = false

    @Option(help: ArgumentHelp("Arms at work at once.", valueName: "count"))
    var jobs = 1

    @OptionGroup var recording: StudyOptions

    @Option(help: ArgumentHelp("The folder of the report.", valueName: "folder"), completion: .directory)
    var output = "report"

    func validate() throws {
        try StudyOptions.check(jobs: jobs)
        try StudyOptions.check(seeds: seeds)
        try training.check(regime)
    }

    func run() async throws {
        do throws(Diagnostic) {
            try await recording.execute(try design(), jobs: jobs, report: output)
        } catch {
            throw SettingPath.naming(optionsIn: error)
        }
    }

    private func design() throws(Diagnostic) -> StudyDesign {
        var design = RunDesign(policy: policy, prompts: prompts, gold: gold, rewards: reward)
        design.regime["kind"] = .string(regime.rawValue)
        training.apply(to: &design)
        rows.apply(to: &design)
        pieces.apply(to: &design)
        design.seeds = seeds
        design.hasControls = controls
        return try design.design()
    }
}

extension RegimeSettings.Kind: ExpressibleByArgument {}
