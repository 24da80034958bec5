import ArgumentParser
import Credit
import Diagnostics

/// Which ledger holds the episodes.
struct EpisodeLedger: ParsableArguments {
    @Option(help: ArgumentHelp("The SQLite file that holds episodes.", valueName: "file"), completion: .file())
    var ledger = "assay.sqlite"
}

/// What of a request does not change the question.
struct AddressOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Leave a place of requests out of the comparison; a JSON pointer, * for any one step.", valueName: "pointer"
        ))
    var ignore: [String] = []

    @Option(
        help: ArgumentHelp(
            "Replace by a mark within strings: time, uuid, or both with a comma.", valueName: "kinds"))
    var normalize: String?

    func apply(to settings: inout EpisodeSettings) {
        settings.ignored += ignore.filter { !settings.ignored.contains($0) }
        let kinds = (normalize ?? "").split(separator: ",").map(String.init)
        settings.normalized += kinds.filter { !settings.normalized.contains($0) }
    }

    var isEmpty: Bool { ignore.isEmpty && normalize == nil }
}

/// What a workflow's places hold.
struct WorkflowValues: ParsableArguments {
    @Option(help: ArgumentHelp("Put a text in place of one of the workflow's values.", valueName: "name=text"))
    var set: [String] = []

    func validate() throws {
        if let wrong = set.first(where: { !$0.contains("=") }) {
            throw ValidationError("--set takes a name, = and a text, which '\(wrong)' is not")
        }
    }

    var byName: [String: String] {
        let pairs = set.map { setting in
            let name = setting.prefix { $0 != "=" }
            return (String(name), String(setting.dropFirst(name.count + 1)))
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}

/// How a program is run and what of it counts.
struct ProgramOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where requests go, such as https://api.openai.com/v1.", valueName: "url"))
    var upstream: String

    @Option(help: ArgumentHelp("Where Anthropic's messages go, if elsewhere.", valueName: "url"))
    var anthropicUpstream: String?

    @Option(
        help: ArgumentHelp(
            "How the outcome is read: exit-code, stdout-json:/pointer (last line of JSON), file:PATH#/pointer, or "
                + "command:EXEC, which runs in the copy of the folder and prints a number. A workflow has its own.",
            valueName: "rule"))
    var outcome: String?

    @Option(
        help: ArgumentHelp("Play a workflow in place of a program.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var workflow: String?

    @OptionGroup var values: WorkflowValues

    @Option(help: ArgumentHelp("The numbers that an outcome may be.", valueName: "low,high"))
    var range = "0,1"

    @Option(help: ArgumentHelp("Count a run without an outcome as this.", valueName: "number"))
    var failedOutcome: Double?

    @Option(help: ArgumentHelp("End the program after so many seconds.", valueName: "seconds"))
    var timeLimit: Double?

    @Option(
        help: ArgumentHelp(
            "The folder that the program works in. (default: .; a workflow's is empty)", valueName: "folder"),
        completion: .directory)
    var folder: String?

    @Option(help: ArgumentHelp("What the program reads on standard input.", valueName: "file"), completion: .file())
    var stdin: String?

    @Option(
        help: ArgumentHelp("Where a decision's role is read: system, header:NAME or json:/pointer.", valueName: "rule"))
    var roleFrom = "system"

    @Flag(help: "Leave the program no network but the proxy, where the system permits it.")
    var isolate = false

    @OptionGroup var addresses: AddressOptions

    func validate() throws {
        if let timeLimit, !(timeLimit > 0) { throw ValidationError("--time-limit should be positive") }
        if workflow == nil, outcome == nil { throw ValidationError("Missing expected argument '--outcome <rule>'") }
        if workflow == nil, !values.set.isEmpty { throw ValidationError("--set goes with --workflow") }
    }

    /// Which program is run: the command, or this one where it plays a workflow.
    func program(
        _ command: [String], _ tasks: TaskList? = nil
    ) throws(Diagnostic) -> (command: [String], tasks: TaskList?) {
        guard let workflow else {
            if !command.isEmpty { return (command, tasks) }
            throw Diagnostic(
                .usage, "no program is given", remedy: "Give it and its arguments after --, or --workflow FILE")
        }
        guard command.isEmpty else {
            throw Diagnostic(
                .usage, "there are a program and a workflow", remedy: "Leave out --workflow or the command after --")
        }
        let play = try WorkflowCommand(file: workflow, values: values.byName, tasks: tasks)
        return (play.arguments, play.tasks)
    }

    /// The settings, with a copy of the folder kept beside the ledger.
    func settings(besideLedger ledger: String) throws(Diagnostic) -> EpisodeSettings {
        let home = workflow == nil ? "." : try EpisodeSettings.emptyFolder(besideLedger: ledger)
        var settings = EpisodeSettings(
            upstream: upstream, outcome: try outcome.map(OutcomeRule.init) ?? WorkflowCommand.outcome,
            folder: try EpisodeSettings.keeping(folder: folder ?? home, besideLedger: ledger))
        settings.anthropicUpstream = anthropicUpstream
        settings.range = try OutcomeRange(range)
        settings.failedOutcome = failedOutcome
        settings.timeLimit = timeLimit
        settings.input = try stdin.map { (path) throws(Diagnostic) in try WorkingFolder.resolved(path) }
        settings.roleRule = try RoleRule(roleFrom)
        settings.isIsolated = isolate
        addresses.apply(to: &settings)
        try settings.check()
        return settings
    }
}

/// An episode and the program that made it.
struct EpisodeOptions: ParsableArguments {
    @OptionGroup var recording: EpisodeLedger

    @Argument(help: ArgumentHelp("An episode's name, the beginning of it, or latest.", valueName: "episode"))
    var episode: String

    @Flag(help: "Say once that repeating the program's side effects does no harm.")
    var replaysAreSafe = false

    @OptionGroup var addresses: AddressOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The program and its arguments; by default as recorded.", valueName: "command"))
    var command: [String] = []
}
