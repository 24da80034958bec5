import ArgumentParser
import Benching
import JSON

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
        if let threads, threads < 1 { throw ValidationError("--threads should be at least 1, but this is \(threads)") }
    }

    func run() async throws {
        let report = try await DoctorReport(threads: threads)
        print(json ? report.json.text + "\n" : report.text, terminator: "")
        if strict, let failure = report.failure { throw failure }
    }
}
