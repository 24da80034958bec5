import ArgumentParser
import Benching
import Diagnostics
import Studies

/// How a study is recorded, resumed and watched.
struct StudyOptions: ParsableArguments {
    @Flag(help: "Run nothing; say what it would take: arms, steps, tokens, memory, time.")
    var dryRun = false

    @Flag(help: "With --dry-run, print one JSON object.")
    var json = false

    @Flag(help: "Go on with the latest run of the same settings; what is done stays.")
    var resume = false

    @Option(help: ArgumentHelp("The SQLite file that holds runs.", valueName: "file"), completion: .file())
    var ledger = "assay.sqlite"

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    func validate() throws {
        if dryRun && resume { throw ValidationError("--dry-run and --resume exclude each other") }
        if json && !dryRun { throw ValidationError("--json goes with --dry-run") }
    }

    static func check(jobs: Int?) throws {
        guard let jobs, !(1...1024).contains(jobs) else { return }
        throw ValidationError("--jobs should be from 1 to 1024, but this is \(jobs)")
    }

    static func check(seeds: Int?) throws {
        guard let seeds, !(1...StudyDesign.maximumSeeds).contains(seeds) else { return }
        throw ValidationError("--seeds should be from 1 to \(StudyDesign.maximumSeeds), but this is \(seeds)")
    }

    /// Runs the design, or says what it would take.
    func execute(_ design: StudyDesign, jobs: Int, report folder: String?) async throws(Diagnostic) {
        var request = StudyRequest(design, worker: .thisProgram(["worker"]))
        request.ledgerPath = ledger
        request.jobs = jobs
        request.resumes = resume
        request.isQuiet = quiet
        if dryRun { return print(try StudyProgram.forecast(request, asJSON: json), terminator: "") }
        try await StudyProgram.execute(request, report: folder)
    }
}
