import ArgumentParser
import Benching

/// `assay example`
struct Example: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes two small random checkpoints and a small benchmark to try the program on.")

    @Argument(
        help: ArgumentHelp("The folder to make them in.", valueName: "folder"), completion: .directory)
    var folder: String

    @Option(help: "Seeds weights and rows.")
    var seed: UInt64 = 0

    @Option(help: "Rows of the benchmark.")
    var rows = 200

    func validate() throws {
        guard !(1...ExampleFiles.maximumRows).contains(rows) else { return }
        throw ValidationError("--rows should be from 1 to \(ExampleFiles.maximumRows), but this is \(rows)")
    }

    func run() async throws {
        let files = ExampleFiles(folder: folder, seed: seed, rows: rows)
        try await files.write()
        print(
            """
            \(files.rewardModel)  a reward model: explicit:\(files.rewardModel)
            \(files.languageModel)  a language model: endogenous:\(files.languageModel), likelihood:…
            \(files.benchmark)  \(rows) pairs: the suite 'pairs', or rows to score
            """)
    }
}
