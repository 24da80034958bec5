import Diagnostics
import Experiment
import Text

/// Anthropic's hh-rlhf: whole dialogues `chosen` and `rejected`; what both share up to the last `Assistant:` is the prompt.
enum HHFormat {
    static let format = "A row of hh has the dialogues chosen and rejected, turns beginning with Human: and Assistant:"

    private static let human = "\n\nHuman:"
    private static let assistant = "\n\nAssistant:"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.hh, options, emptyResponses: .exclude)
        try builder.readRows(at: path, format: format) { (builder, row, file) throws(Diagnostic) in
            try add(row, of: file, options.dialogues, to: &builder)
        }
        return try builder.finish(path: path) { $0.accuracies(.preference(nil)) }
    }

    private static func add(
        _ row: SuiteRecord, of file: DataFile, _ form: LoadOptions.DialogueForm, to builder: inout SuiteBuilder
    ) throws(Diagnostic) {
        let dialogues = (try row.string("chosen"), try row.string("rejected"))
        guard let shared = sharedPrompt(dialogues.0, dialogues.1) else {
            return builder.exclude(row, because: "the dialogues share no prompt up to an 'Assistant:'")
        }
        let candidates = [
            Candidate(text: response(dialogues.0, after: shared, form), field: "chosen"),
            Candidate(text: response(dialogues.1, after: shared, form), field: "rejected"),
        ]
        guard try builder.accepts(row, candidates) else { return }
        let prompt: Prompt = form == .text ? .text(shared) : .messages(try messages(shared, row))
        let group = Group(
            id: "\(file.name):\(row.line)", prompt: prompt, responses: candidates.map(\.text), source: row.source)
        try builder.add(SuiteItem(group: group, subset: file.name, cluster: shared, correctCount: 1), from: row)
    }

    /// The common prefix up to and including its last `Assistant:`.
    static func sharedPrompt(_ first: String, _ second: String) -> String? {
        let shared = Array(zip(first.utf8, second.utf8).prefix { $0 == $1 }.map(\.0))
        let marker = Array(assistant.utf8)
        guard shared.count >= marker.count else { return nil }
        for start in stride(from: shared.count - marker.count, through: 0, by: -1)
        where shared[start..<start + marker.count].elementsEqual(marker) {
            return String(decoding: shared[..<(start + marker.count)], as: UTF8.self)
        }
        return nil
    }

    private static func response(_ dialogue: String, after prompt: String, _ form: LoadOptions.DialogueForm) -> String {
        let rest = String(decoding: dialogue.utf8.dropFirst(prompt.utf8.count), as: UTF8.self)
        return form == .text ? rest : trimmed(rest)
    }

    /// The turns before the last `Assistant:`.
    private static func messages(_ shared: String, _ row: SuiteRecord) throws(Diagnostic) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        var role: String?
        var lines: [Substring] = []
        func turn() -> ChatMessage? {
            role.map { ChatMessage(role: $0, content: trimmed(lines.joined(separator: "\n"))) }
        }
        // A turn begins at a line's start after an empty line, as the markers have it.
        var afterBlank = 0
        for line in shared.split(separator: "\n", omittingEmptySubsequences: false) {
            let next = afterBlank >= 2 || role == nil ? speaker(line) : nil
            if let next {
                if let turn = turn() { messages.append(turn) }
                role = next.role
                lines = [next.rest]
            } else {
                lines.append(line)
            }
            afterBlank = line.isEmpty ? 2 : 1
        }
        guard !messages.isEmpty, role == "assistant" else {
            throw row.failure("the dialogue does not begin with a turn of Human:", field: "chosen")
        }
        return messages
    }

    private static func speaker(_ line: Substring) -> (role: String, rest: Substring)? {
        for (marker, role) in [("Human:", "user"), ("Assistant:", "assistant")] where line.hasPrefix(marker) {
            return (role, line.dropFirst(marker.count))
        }
        return nil
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
