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

    /// With a place such as `{question}` for each value that a task may give.
    public let arguments: [String]

    /// A file's folder, which its workflow is played in unless told otherwise.
    public static func folder(of file: String) throws(Diagnostic) -> String {
        URL(filePath: try WorkingFolder.resolved(file)).deletingLastPathComponent().path
    }

    /// - Parameters:
    ///   - values: what stands in place of the workflow's own.
    ///   - tasks: whose values fill the places of the command.
    /// - Throws: what reading the workflow throws; `usage` or `badData` for values that it cannot take. Nothing is asked.
    public init(
        file: String, values: [String: String] = [:], tasks: TaskList? = nil
    ) throws(Diagnostic) {
        let workflow = try Workflow(readingFile: file)
        let path = try WorkingFolder.resolved(file)
        var places = values
        for name in workflow.values.keys where places[name] == nil {
            guard let tasks, tasks.tasks.allSatisfy({ $0.values[name] != nil }) else { continue }
            places[name] = "{\(name)}"
        }
        let settings = places.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        arguments = [Self.executable, "credit", "play", path] + settings
        for filled in tasks?.tasks.map({ $0.filled(places) }) ?? [values] {
            _ = try WorkflowPlay(workflow, values: filled, model: SilentModel())
        }
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
