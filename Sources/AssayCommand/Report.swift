import ArgumentParser
import Benching
import Diagnostics
import Ledger
import Studies

/// `assay report`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a page of what runs and studies found: verdicts, curves, tables.",
        discussion: """
            The page needs no network and no program beside a browser. Each figure lies beside it as SVG, as a Vega-Lite \
            specification and as CSV.
            """)

    @Argument(help: ArgumentHelp("Runs by their ids; by default the latest study or run.", valueName: "run"))
    var runs: [String] = []

    @Option(
        help: ArgumentHelp("The folder for the page and its files.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(help: ArgumentHelp("The SQLite file that holds runs.", valueName: "file"), completion: .file())
    var ledger = "assay.sqlite"

    func run() throws {
        let results = try StudyResults.named(runs, inLedger: ledger)
        let written = try StudyProgram.writeReport(of: results, to: output)
        print(written.last ?? output)
    }
}
