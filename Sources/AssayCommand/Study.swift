import ArgumentParser
import Benching
import Diagnostics
import JSON
import Studies

/// `assay study`
struct Study: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs studies: designs of arms and seeds that change one thing at a time.",
        discussion: "A study is one that comes with the program, by name, or your own YAML file.",
        subcommands: [List.self, Show.self, Run.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Names the studies that come with the program.")

        func run() throws { print(try NamedStudies.list(), terminator: "") }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a study's file, to read or to make your own from.")

        @Argument(
            help: ArgumentHelp("A study that comes with the program.", valueName: "name"),
            completion: .list(NamedStudies.names))
        var name: String

        func run() throws { print(try NamedStudies.text(of: name), terminator: "") }
    }
}

extension Study {
    /// `assay study run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a study's arms, each in a process of its own, and analyses what they did.",
            discussion: """
                What decides the numbers is the design alone: its digest is recorded before the first step, and neither \
                --jobs nor a kill with --resume changes one of them.
                """)

        @Argument(
            help: ArgumentHelp("A study's name, or the path of a YAML file.", valueName: "study"),
            completion: .file(extensions: ["yaml", "yml"]))
        var study: String

        @Flag(help: "Run nothing; say what it would take: arms, steps, tokens, memory, time.")
        var dryRun = false

        @Option(
            help: ArgumentHelp(
                "Run so many seeds, from 0, instead of the study's own.", valueName: "count"))
        var seeds: Int?

        @Option(help: ArgumentHelp("Arms at work at once; by default one a core.", valueName: "count"))
        var jobs: Int?

        @Flag(help: "Go on with the latest run of the same design.")
        var resume = false

        @Option(
            help: ArgumentHelp("The SQLite file that holds runs.", valueName: "file"), completion: .file()
        )
        var ledger = "assay.sqlite"

        @Option(
            help: ArgumentHelp("Write the report into this folder.", valueName: "folder"),
            completion: .directory)
        var output: String?

        @Flag(name: .shortAndLong, help: "Show no progress.")
        var quiet = false

        @Flag(help: "With --dry-run, print one JSON object.")
        var json = false

        func validate() throws {
            if let jobs, !(1...1024).contains(jobs) {
                throw ValidationError("--jobs should be from 1 to 1024, but this is \(jobs)")
            }
            if dryRun && resume { throw ValidationError("--dry-run and --resume exclude each other") }
            if json && !dryRun { throw ValidationError("--json goes with --dry-run") }
        }

        func run() async throws {
            if dryRun { return print(try StudyProgram.forecast(try request(), asJSON: json), terminator: "") }
            try await StudyProgram.execute(try request(), report: output)
        }

        private func request() throws(Diagnostic) -> StudyRequest {
            var design = try NamedStudies.design(study)
            if let seeds { design = try design.withSeeds(seeds) }
            var request = StudyRequest(design, worker: .thisProgram(["worker"]))
            request.ledgerPath = ledger
            request.jobs = jobs ?? MachineFacts().cores
            request.resumes = resume
            request.isQuiet = quiet
            return request
        }
    }
}

/// The process that a study starts for an arm; not for people.
struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Executes runs for a study.", shouldDisplay: false)

    func run() async throws {
        let code = await WorkerProcess.main(runner: StudyProgram.parts.runner)
        if code != 0 { throw ExitCode(code) }
    }
}
