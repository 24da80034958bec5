import Diagnostics
import Foundation
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A workflow as the command of a recording: this program itself, playing the file.
public struct WorkflowCommand: Sendable {
    /// What the last line that a play prints holds the outcome under.
    public static let outcome = OutcomeRule.standardOutput(pointer: "/outcome")

    /// With a place such as `{question}` for each value that a task gives.
    public let arguments: [String]
    /// With the workflow's own values where a task gives none.
    public let tasks: TaskList?

    /// - Parameters:
    ///   - values: what stands in place of the workflow's own.
    ///   - tasks: whose values fill the places of the command.
    /// - Throws: what reading the workflow throws; `usage` or `badData` for values that it cannot take. Nothing is asked.
    public init(
        file: String, values: [String: String] = [:], tasks: TaskList? = nil
    ) throws(Diagnostic) {
        let workflow = try Workflow(readingFile: file)
        let own = Dictionary(
            workflow.values.map { ($0.key, $0.value.stringValue ?? $0.value.text) }, uniquingKeysWith: { $1 })
        var places = values
        for name in try Self.given(tasks, own.keys.sorted(), file) where places[name] == nil {
            places[name] = "{\(name)}"
        }
        let settings = places.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        arguments = [Self.executable, "credit", "play", try WorkingFolder.resolved(file)] + settings
        self.tasks = tasks?.filled(with: own)
        for filled in self.tasks?.tasks.map({ $0.filled(places) }) ?? [values] {
            _ = try WorkflowPlay(workflow, values: filled, model: SilentModel())
        }
    }

    /// The workflow's values that some task gives.
    private static func given(_ tasks: TaskList?, _ names: [String], _ file: String) throws(Diagnostic) -> [String] {
        let keys = Set(tasks?.tasks.flatMap(\.values.keys) ?? []).subtracting(["task", "id"])
        let given = names.filter { keys.contains($0) }
        guard given.isEmpty, let unknown = keys.min() else { return given }
        throw Diagnostic(
            .usage, "the tasks have the key '\(unknown)', and no key that is a value of \(file)",
            remedy: names.isEmpty
                ? "Name it under the workflow's values" : "Its values are \(names.joined(separator: ", "))")
    }

    /// Where this program lies.
    private static var executable: String {
        guard let path = realpath("/proc/self/exe", nil) ?? realpath(CommandLine.arguments[0], nil) else {
            return CommandLine.arguments[0]
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// Checks values without asking anybody.
    private struct SilentModel: WorkflowModel {
        func answers(to requests: [WorkflowRequest]) async throws(Diagnostic) -> [String] { requests.map { _ in "" } }
    }
}
