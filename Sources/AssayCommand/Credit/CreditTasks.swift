import ArgumentParser
import Benching
import Credit
import Diagnostics
import JSON
import Ledger

/// `assay credit tasks`
struct CreditTasks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks",
        abstract: "Records a program on several tasks and estimates the credits of each; roles averages them.",
        discussion: """
            Each line of the file is an object with the key task (or id); {task} and {other-key} in the command are replaced by its \
            values, and so are a workflow's values of these names. What the ledger has already is not done again, so the same \
            command goes on where it was stopped.
            """)

    @Argument(
        help: ArgumentHelp("Tasks as JSON lines.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
    var file: String

    @OptionGroup var program: ProgramOptions
    @OptionGroup var recording: EpisodeLedger
    @OptionGroup var estimation: EstimationOptions

    @Option(help: ArgumentHelp("Episodes of each task.", valueName: "count"))
    var episodes = 1

    @Flag(help: "Record, and estimate nothing.")
    var recordOnly = false

    @Flag(help: "Say that repeating the program's side effects does no harm.")
    var replaysAreSafe = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The program and its arguments.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        if episodes < 1 { throw ValidationError("--episodes should be at least 1") }
    }

    func run() async throws {
        guard replaysAreSafe || recordOnly else { throw EpisodeWork.unsaid }
        let list = try TaskList(path: file)
        let (command, filled) = try program.program(command, list)
        let ledger = try Ledger(path: recording.ledger)
        var work = TaskRun(filled ?? list, command, try program.settings(besideLedger: recording.ledger))
        work.episodes = episodes
        work.estimation = recordOnly ? nil : estimation.settings
        work.seed = estimation.seed
        let results = try await InterruptibleWork.run { [work] () async throws(Diagnostic) in
            try await work.run(in: ledger) { result in Self.report(result) }
        }
        let failed = results.count { $0.failure != nil }
        guard failed == 0 else {
            throw Diagnostic(
                .partial, "\(failed) of \(results.count) episodes have no outcome or no credit, as listed above")
        }
    }

    private static func report(_ result: TaskRun.Result) {
        let outcome = result.outcome.map { "outcome \($0)" } ?? "no outcome"
        print("\(result.task)  \(result.episode)  \(outcome)")
        if let failure = result.failure { Terminal.writeError("assay: \(result.task): \(failure)\n") }
    }
}

/// `assay credit roles`
struct CreditRoles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract: "Averages credit by role over tasks, and says what giving one role another model is worth.",
        discussion: "Averages come from the ledger alone. --role with --model runs the program again, in pairs.")

    @OptionGroup var recording: EpisodeLedger

    @Option(help: ArgumentHelp("The role that gets another model.", valueName: "role"))
    var role: String?

    @Option(help: ArgumentHelp("The model that it gets.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Pairs of runs of each task.", valueName: "count"))
    var pairs = 16

    @Option(help: ArgumentHelp("The intervals' level.", valueName: "level"))
    var level = 0.95

    @Option(help: ArgumentHelp("Runs at work at once, where the system permits several.", valueName: "count"))
    var jobs = 1

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if (role == nil) != (model == nil) { throw ValidationError("--role and --model go together") }
    }

    func run() async throws {
        let ledger = try Ledger(path: recording.ledger)
        if let role, let model {
            var swap = RoleModelSwap(role: role, model: model)
            swap.pairs = pairs
            swap.level = level
            swap.jobs = jobs
            let contrast = try await InterruptibleWork.run { [swap] () async throws(Diagnostic) in
                try await RoleModelWork(swap).contrast(in: ledger)
            }
            return print(json ? contrast.json.text + "\n" : contrast.text, terminator: "")
        }
        let credits = try await CreditFinding.estimates(in: ledger)
        let report = RoleReport(
            try RoleStatistics.all(in: ledger), credits.isEmpty ? [] : try RoleCredit.averages(credits, level: level))
        print(json ? report.json.text + "\n" : report.text, terminator: "")
    }
}
