import ArgumentParser
import Benching
import JSON

/// How a run is recorded, resumed and watched.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Score at most so many rows.", valueName: "rows"))
    var limit: Int?

    @Option(help: "Seeds what is drawn: a coin whose spec names no seed, samples, resamples.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("The SQLite file that holds runs.", valueName: "file"), completion: .file())
    var ledger = "assay.sqlite"

    @Flag(help: "Go on with the run of the same settings that was stopped.")
    var resume = false

    @Flag(help: "Score nothing; say what it would take: rows, tokens, truncation, memory, time.")
    var dryRun = false

    @Flag(help: "Score a sample in other batches and orders, and fail where scores depend on it.")
    var verifyBatching = false

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @Flag(help: "Print one JSON object to standard output.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit should be at least 1, but this is \(limit)") }
        if dryRun && verifyBatching { throw ValidationError("--dry-run and --verify-batching exclude each other") }
    }

    func apply(to options: inout ScoringOptions) {
        options.limit = limit
        options.seed = seed
        options.ledgerPath = ledger
        options.resumes = resume
        options.isQuiet = quiet
        options.commandLine = CommandLineRecord(CommandLine.arguments)
    }
}

extension RunOptions {
    func show(_ forecast: Forecast) {
        print(json ? forecast.json.text + "\n" : forecast.text, terminator: "")
    }

    /// - Throws: where the scores do depend on batching.
    func show(_ check: BatchingCheck) throws {
        print(json ? check.json.text + "\n" : check.text, terminator: "")
        if let failure = check.failure { throw failure }
    }
}
