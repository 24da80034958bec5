import ArgumentParser
import Credit
import Diagnostics
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `assay credit play`
struct CreditPlay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Plays a workflow: roles that ask a model in order or in a loop, and a rule for the outcome.",
        discussion: """
            Prints what each role says and, in the last line, {"outcome": …}. It is a program like any other; record and tasks \
            run it where they are given --workflow.
            """)

    @Argument(
        help: ArgumentHelp("The workflow's file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var values: WorkflowValues

    @Option(help: ArgumentHelp("Where requests go. (default: what OPENAI_BASE_URL says)", valueName: "url"))
    var upstream: String?

    func run() async throws {
        let workflow = try Workflow(readingFile: file)
        guard let address = upstream ?? getenv("OPENAI_BASE_URL").map({ String(cString: $0) }), !address.isEmpty else {
            throw Diagnostic(
                .usage, "there is nobody to ask", remedy: "Give --upstream URL, or set OPENAI_BASE_URL")
        }
        var play = try WorkflowPlay(workflow, values: values.byName, model: ServedWorkflowModel(address: address))
        let outcome: Double
        do throws(Diagnostic) { outcome = try await play.run() } catch {
            Self.write(play.turns)
            throw error
        }
        Self.write(play.turns)
        print(JSONValue.object(["outcome": .number(outcome)]).text)
    }

    private static func write(_ turns: [WorkflowPlay.Turn]) {
        // No line of a reply may be taken for the outcome.
        for turn in turns { print("\(turn.role): \(turn.text.replacing("\n", with: "\n| "))") }
    }
}
