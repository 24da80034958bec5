import ArgumentParser
import Benching
import JSON
import Torch

/// `assay doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what this machine has, what it can do, and what is missing.",
        discussion: "Measures matrix products and memory for about two seconds where libtorch is there.")

    @Option(
        help: ArgumentHelp("Threads of one tensor operation; by default libtorch's own number.", valueName: "count"))
    var threads: Int?

    @Flag(help: "Fail where something is missing.")
    var strict = false

    @Flag(help: "Print one JSON object to standard output.")
    var json = false

    func validate() throws {
        let most = TorchLibrary.maximumThreads
        guard let threads, !(1...most).contains(threads) else { return }
        throw ValidationError("--threads should be from 1 to \(most), but this is \(threads)")
    }

    func run() async throws {
        let report = try await DoctorReport(threads: threads)
        print(json ? report.json.text + "\n" : report.text, terminator: "")
        if strict, let failure = report.failure { throw failure }
    }
}
