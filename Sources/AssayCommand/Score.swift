import ArgumentParser
import Benching
import Diagnostics
import JSON
import Rewards

/// `assay score`
struct Score: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Scores rows with a reward, to a file of scores.",
        discussion: """
            A row is a line of JSON with a prompt (text, or a list of messages) and responses: a list `responses`, one \
            `response`, or `chosen` and `rejected`. An output line holds the row's id and, in input order, each response's \
            score, tokens, and whether it was truncated.

            Rewards:
            \(HelpText.hanging(RewardKind.help))
            """)

    @Option(help: ArgumentHelp("What scores: kind:source?key=value&… (below).", valueName: "spec"))
    var reward: String

    @Option(
        help: ArgumentHelp("The rows, a JSON-lines file.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var input: String

    @Option(help: ArgumentHelp("Where the scores go.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var output: String?

    @Flag(help: "Write an output file that is there anew.")
    var overwrite = false

    @Flag(help: "Give the rewards of the tokens too, where the reward has them.")
    var perToken = false

    @Flag(help: "List rows that cannot be scored instead of stopping at the first.")
    var skipBadRows = false

    @OptionGroup(title: "Models")
    var model: ModelOptions

    @OptionGroup(title: "Runs")
    var recording: RunOptions

    func validate() throws {
        if overwrite && recording.resume { throw ValidationError("--overwrite and --resume exclude each other") }
        if output == nil && !recording.dryRun && !recording.verifyBatching {
            throw ValidationError("--output is missing")
        }
    }

    func run() async throws {
        let scoring = ScoringRun(try request(), interruption: Program.interruption)
        if recording.dryRun { return recording.show(try await scoring.forecast()) }
        if recording.verifyBatching { return try recording.show(try await scoring.verifyBatching()) }
        let summary = try await scoring.run()
        if recording.json { print(summary.json.text) } else if !recording.quiet { Terminal.writeError(summary.text) }
        guard let failure = summary.failure else { return }
        Terminal.writeError(summary.failureList)
        throw failure
    }

    private func request() throws(Diagnostic) -> ScoringRequest {
        var request = ScoringRequest(
            reward: try RewardSpec(parsing: reward), input: input, output: output ?? "/dev/null")
        request.overwrites = overwrite
        request.skipsBadRows = skipBadRows
        model.apply(to: &request.options)
        recording.apply(to: &request.options)
        request.options.model.wantsPerToken = perToken
        return request
    }
}
