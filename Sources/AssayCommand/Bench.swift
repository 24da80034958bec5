import ArgumentParser
import Benching
import Diagnostics
import Experiment
import JSON
import Rewards
import Suites

/// `assay bench`
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a benchmark with one reward or several, and compares them.",
        discussion: """
            Prints accuracy with 95% intervals clustered by prompt, the paired difference of each reward to the first, and what \
            stupid rules win. Where no reward is given, the scores that the data holds are benched.

            Suites:
            \(HelpText.hanging(Suite.allCases.map { "  \($0.rawValue)\n      \($0.rule)" }.joined(separator: "\n")))

            Rewards:
            \(HelpText.hanging(RewardKind.help))
            """)

    @Argument(
        help: ArgumentHelp("The benchmark (below).", valueName: "suite"),
        completion: .list(Suite.allCases.map(\.rawValue)))
    var suite: String

    @Option(
        help: ArgumentHelp("The benchmark's file or folder, as published.", valueName: "path"),
        completion: .file(extensions: ["jsonl", "json", "gz"]))
    var data: String

    @Option(
        name: .customLong("reward"),
        help: ArgumentHelp("What scores: kind:source?key=value&… (below); may be repeated.", valueName: "spec"))
    var rewards: [String] = []

    @Flag(inversion: .prefixedNo, help: "Add rows of the rules length, markdown and coin.")
    var controls = true

    @Option(help: ArgumentHelp("What a tie is worth; by default what it is to the source.", valueName: "policy"))
    var ties: TiePolicy?

    @Flag(help: "Leave rows that a reward cannot score out for all of them, instead of stopping at the first.")
    var skipBadRows = false

    @Option(help: ArgumentHelp("What to do with empty responses; by default what the source does.", valueName: "what"))
    var emptyResponses: LoadOptions.EmptyResponses?

    @Option(help: ArgumentHelp("rewardmath: how a solution's step scores become one.", valueName: "how"))
    var steps: StepReduction?

    @Option(help: ArgumentHelp("hh: the form in which a dialogue becomes a prompt.", valueName: "form"))
    var dialogues: LoadOptions.DialogueForm = .messages

    @Option(
        help: ArgumentHelp("Write the table to a CSV file too.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var output: String?

    @Flag(help: "Show the lines that are details of others too.")
    var details = false

    @OptionGroup(title: "Models")
    var model: ModelOptions

    @OptionGroup(title: "Runs")
    var recording: RunOptions

    func run() async throws {
        let bench = BenchRun(try request(), interruption: Program.interruption)
        if recording.dryRun { return recording.show(try await bench.forecast()) }
        if recording.verifyBatching { return try recording.show(try await bench.verifyBatching()) }
        if let output { try TableFile.check(output) }
        let report = try await bench.run()
        if recording.json {
            print(report.json.text)
        } else {
            print(BenchTable(report, isColoured: Terminal.allowsColour, showsDetails: details).text, terminator: "")
        }
        if let output { try TableFile.write(report.csv, to: output) }
        if let failure = report.failure { throw failure }
    }

    private func request() throws(Diagnostic) -> BenchRequest {
        var specs: [RewardSpec] = []
        for text in rewards { specs.append(try RewardSpec(parsing: text)) }
        var request = BenchRequest(suite: try Suite.named(suite), data: data, rewards: specs)
        request.includesControls = controls
        request.ties = ties
        request.skipsBadRows = skipBadRows
        request.loading = LoadOptions(emptyResponses: emptyResponses, steps: steps, dialogues: dialogues)
        model.apply(to: &request.options)
        recording.apply(to: &request.options)
        return request
    }
}

extension TiePolicy: ExpressibleByArgument {}
extension LoadOptions.EmptyResponses: ExpressibleByArgument {}
extension StepReduction: ExpressibleByArgument {}
extension LoadOptions.DialogueForm: ExpressibleByArgument {}
