import Diagnostics
import Dispatch
import Experiment
import JSON

/// `command`: an executable reads the row and a response as one line of JSON on its standard input and prints a number.
///
/// The line holds the row's fields with `id`, `prompt` and `response`. The command runs once a response, with the user's rights and
/// environment and without a sandbox, in a process group of its own that is killed at the time limit and when the command ends.
/// What fails is an error, never a value: a gold that is missing is not zero.
public struct CommandGold: GoldRule {
    /// The executable, looked for in PATH where it has no slash, and its arguments.
    public let command: [String]
    /// Time limit of one call.
    public let seconds: Double
    public let range: ClosedRange<Double>
    /// The executable as it is started.
    private let executable: String

    /// - Parameter folder: what the executable's path is relative to, where it has a slash; empty for the working folder.
    public init(
        command: [String], seconds: Double = 10, range: ClosedRange<Double> = 0...1, relativeTo folder: String = ""
    ) {
        self.command = command
        self.seconds = seconds
        self.range = range
        let name = command.first ?? ""
        executable = name.utf8.contains(UInt8(ascii: "/")) ? name.path(relativeTo: folder) : name
    }

    init(_ keys: inout SettingsReader, relativeTo folder: String) throws(Diagnostic) {
        let words = try keys.list("command")
        let command = words.compactMap(\.stringValue)
        guard command.count == words.count, command.first?.isEmpty == false else {
            throw keys.wrong(
                "command", .array(words), "should be a list of texts: an executable and its arguments",
                remedy: "Write, for example, command: [./grade.py, --strict]")
        }
        let ends = try keys.list("range").compactMap(\.doubleValue)
        let range = ends.isEmpty ? [0, 1] : ends
        guard range.count == 2, range[0] < range[1] else {
            throw keys.wrong(
                "range", .array(range.map { .number($0) }), "should be the least and the largest value",
                remedy: "Write, for example, range: [0, 1]")
        }
        self.init(
            command: command, seconds: try keys.number("seconds", default: 10, in: 0.001...86_400),
            range: range[0]...range[1], relativeTo: folder)
    }

    public var json: JSONValue {
        [
            "rule": "command", "command": .array(command.map { .string($0) }), "seconds": .number(seconds),
            "range": [.number(range.lowerBound), .number(range.upperBound)],
        ]
    }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        var values: [Double] = []
        for response in responses { values.append(try value(of: await run(input(response, prompt)))) }
        return values
    }

    private func input(_ response: Response, _ prompt: WorldPrompt) -> [UInt8] {
        var row = JSONObject()
        row["id"] = .string(prompt.id)
        row["prompt"] = .string(prompt.text)
        row["response"] = .string(response.text)
        for (key, value) in prompt.context.sorted(by: { $0.key < $1.key }) where row[key] == nil { row[key] = value }
        return Array(JSONValue.object(row).text.utf8) + [0x0A]
    }

    /// Runs the command away from the threads that Swift's tasks share, since it blocks.
    private func run(_ input: [UInt8]) async -> Result<ChildProcess.Outcome, Diagnostic> {
        let process = ChildProcess(arguments: [executable] + command.dropFirst(), seconds: seconds)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(Diagnostic) {
                    continuation.resume(returning: .success(try process.run(input: input)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    private func value(of result: Result<ChildProcess.Outcome, Diagnostic>) throws(Diagnostic) -> Double {
        let outcome = try result.get()
        guard !outcome.isTimedOut else {
            throw failure(
                "did not end within \(seconds) seconds", outcome, remedy: "Raise 'seconds', or make it faster")
        }
        guard outcome.status == 0 else {
            throw failure(
                "ended with \(outcome.ending)", outcome,
                remedy: "Let it print a number for every response and exit with 0")
        }
        let text = String(decoding: outcome.output, as: UTF8.self)
        let word = text.split(whereSeparator: \.isWhitespace)
        guard word.count == 1, let number = Double(word[0]), range.contains(number) else {
            throw failure(
                "printed '\(text.prefix(80))', which is no number from \(range.lowerBound) to \(range.upperBound)",
                outcome, remedy: "Let it print one number, or declare its range with range: [LEAST, LARGEST]")
        }
        return number
    }

    private func failure(_ what: String, _ outcome: ChildProcess.Outcome, remedy: String) -> Diagnostic {
        let errors = String(decoding: outcome.errors, as: UTF8.self)
        let said = errors.split(separator: "\n").last.map { " (it said: \($0.suffix(200)))" } ?? ""
        return Diagnostic(
            .badData, "the gold command '\(command.first ?? "")' \(what)\(said)", at: .init(field: "gold.command"),
            remedy: remedy)
    }
}
