import Diagnostics
import Experiment
import JSON

/// Tasks that one program is recorded on: JSON lines, each an object with the values that the command's places take.
public struct TaskList: Sendable {
    /// One task.
    public struct Task: Sendable, Hashable {
        public var name: String
        /// By name, what stands for `{name}` in the command.
        public var values: [String: String]

        /// The command with its places filled; braces around other words stay.
        public func filled(_ command: [String]) -> [String] { command.map { $0.fillingPlaces(values) } }

        func filled(_ settings: [String: String]) -> [String: String] {
            settings.mapValues { $0.fillingPlaces(values) }
        }
    }

    public private(set) var tasks: [Task]

    /// - Throws: `badData` with file and line where a line is no object, has no `task` or `id`, or has a name that another has.
    public init(path: String) throws(Diagnostic) {
        let lines = try JSONLines(path: path)
        var tasks: [Task] = []
        var names: Set<String> = []
        while let (number, value) = try lines.next() {
            let task = try Self.task(value, at: .init(file: path, line: number))
            guard names.insert(task.name).inserted else {
                throw Diagnostic(
                    .badData, "the task '\(task.name)' stands there twice", at: .init(file: path, line: number),
                    remedy: "Give each task a name of its own")
            }
            tasks.append(task)
        }
        self.tasks = tasks
    }

    /// The same with values for tasks that have none of this name.
    func filled(with defaults: [String: String]) -> TaskList {
        var list = self
        for index in list.tasks.indices { list.tasks[index].values.merge(defaults) { own, _ in own } }
        return list
    }

    private static func task(_ value: JSONValue, at place: Diagnostic.Location) throws(Diagnostic) -> Task {
        guard let members = value.objectValue, let name = members["task"] ?? members["id"] else {
            throw Diagnostic(
                .badData, "a task is an object with the key 'task' or 'id'", at: place,
                remedy: #"Write lines such as {"task": "17", "question": "…"}"#)
        }
        let texts = members.map { ($0.key, $0.value.stringValue ?? $0.value.text) }
        return Task(name: name.stringValue ?? name.text, values: Dictionary(texts, uniquingKeysWith: { $1 }))
    }
}
