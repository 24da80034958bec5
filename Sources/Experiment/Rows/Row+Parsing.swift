import Diagnostics
import JSON
import Text

extension Row {
    /// Reads a row from a parsed line.
    ///
    /// A row is an object with `prompt` (a string, or a list of `{role, content}` messages) and either `responses` (a
    /// list of strings), `response` (a string), or `chosen` with `rejected` (a string or a list of strings each; the
    /// chosen come first in the group). `id` is a string or an integer, by default `row-` and the line's number. A field
    /// that is `null` counts as absent. Every other field is kept in the group's context.
    ///
    /// - Parameter line: where the row stands, for errors and for the default id.
    /// - Throws: a `badData` diagnostic that names file, line and field.
    public init(_ value: JSONValue, at line: Group.SourceLine) throws(Diagnostic) {
        guard let members = value.objectValue else {
            throw Diagnostic(
                .badData, "a row should be an object, but this is \(value.kindName)",
                at: .init(file: line.file, line: line.line),
                remedy: "Write {\"prompt\": …, \"responses\": […]} on each line")
        }
        let parser = RowParser(members: members, line: line)
        let responses = try parser.responses()
        let group = Group(
            id: try parser.id(), prompt: try parser.prompt(), responses: responses.texts, source: line,
            context: parser.context)
        self.init(group: group, chosen: responses.chosen, rejected: responses.rejected)
    }
}

/// Reads the fields of one row, knowing where it stands.
private struct RowParser {
    let members: JSONObject
    let line: Group.SourceLine

    private static let responseFields = ["responses", "response", "chosen", "rejected"]
    private static let ownFields = Set(["id", "prompt"] + responseFields)

    struct Responses {
        var texts: [String]
        var chosen: [Int] = []
        var rejected: [Int] = []
    }

    var context: [String: JSONValue] {
        var rest: [String: JSONValue] = [:]
        for (key, value) in members where !Self.ownFields.contains(key) { rest[key] = value }
        return rest
    }

    func id() throws(Diagnostic) -> String {
        switch field("id") {
        case nil: return "row-\(line.line)"
        case .integer(let number): return String(number)
        case .string(let text):
            guard !text.isEmpty else {
                throw failure("the id is empty", at: "id", remedy: "Give it a name or leave it out")
            }
            return text
        case .some(let other):
            throw failure(
                "an id should be a string or an integer, but this is \(other.kindName)", at: "id",
                remedy: "Put it in quotes or leave it out")
        }
    }

    func prompt() throws(Diagnostic) -> Prompt {
        let remedy = "Give \"prompt\" as a string or as a list of {\"role\", \"content\"} messages"
        switch field("prompt") {
        case nil: throw failure("the row has no prompt", at: "prompt", remedy: remedy)
        case .string(let text): return .text(text)
        case .array(let messages): return .messages(try dialogue(messages))
        case .some(let other):
            throw failure(
                "a prompt should be a string or a list of messages, but this is \(other.kindName)", at: "prompt",
                remedy: remedy)
        }
    }

    private func dialogue(_ messages: [JSONValue]) throws(Diagnostic) -> [ChatMessage] {
        guard !messages.isEmpty else {
            throw failure("the prompt is an empty list of messages", at: "prompt", remedy: "Give at least one message")
        }
        var dialogue: [ChatMessage] = []
        for (index, value) in messages.enumerated() { dialogue.append(try message(value, at: "prompt[\(index)]")) }
        return dialogue
    }

    private func message(_ value: JSONValue, at place: String) throws(Diagnostic) -> ChatMessage {
        guard let members = value.objectValue else {
            throw failure(
                "a message should be an object, but this is \(value.kindName)", at: place,
                remedy: "Write {\"role\": \"user\", \"content\": \"…\"}")
        }
        if let extra = members.keys.first(where: { $0 != "role" && $0 != "content" }) {
            throw failure(
                "a message has the field '\(extra)', which would not be rendered", at: "\(place).\(extra)",
                remedy: "Remove it, or give the whole prompt as one string")
        }
        return ChatMessage(
            role: try text(of: members, "role", at: place, mayBeEmpty: false),
            content: try text(of: members, "content", at: place, mayBeEmpty: true))
    }

    private func text(
        of message: JSONObject, _ key: String, at place: String, mayBeEmpty: Bool
    ) throws(Diagnostic) -> String {
        let remedy = "Each message needs a \"role\" and a \"content\", both strings"
        guard let value = message[key] else {
            throw failure("a message has no \(key)", at: "\(place).\(key)", remedy: remedy)
        }
        guard let text = value.stringValue else {
            throw failure(
                "a message's \(key) should be a string, but this is \(value.kindName)", at: "\(place).\(key)",
                remedy: remedy)
        }
        guard mayBeEmpty || !text.isEmpty else {
            throw failure("a message's \(key) is empty", at: "\(place).\(key)", remedy: remedy)
        }
        return text
    }

    /// The responses, of whichever form the row has.
    func responses() throws(Diagnostic) -> Responses {
        let present = Self.responseFields.filter { field($0) != nil }
        try checkForm(present)
        switch present.first {
        case "responses": return Responses(texts: try texts(in: "responses", mayBeString: false))
        case "response": return Responses(texts: [try text(of: "response")])
        default:
            let chosen = try texts(in: "chosen", mayBeString: true)
            let rejected = try texts(in: "rejected", mayBeString: true)
            return Responses(
                texts: chosen + rejected, chosen: Array(chosen.indices),
                rejected: Array(chosen.count..<chosen.count + rejected.count))
        }
    }

    /// Sees to it that the row has its responses in one form only, and that form whole.
    private func checkForm(_ present: [String]) throws(Diagnostic) {
        let forms = "\"responses\", \"response\", or \"chosen\" with \"rejected\""
        guard let first = present.first else {
            throw failure("the row has no responses", at: "responses", remedy: "Give \(forms)")
        }
        guard present != ["chosen", "rejected"] else { return }
        if let second = present.dropFirst().first {
            throw failure(
                "the row has both '\(first)' and '\(second)'", at: second, remedy: "Keep one form: \(forms)")
        }
        let partner = ["chosen": "rejected", "rejected": "chosen"]
        if let missing = partner[first] {
            throw failure(
                "the row has '\(first)' but not '\(missing)'", at: missing,
                remedy: "Add \"\(missing)\", or give the responses as \"responses\"")
        }
    }

    private func text(of key: String) throws(Diagnostic) -> String {
        guard let value = field(key) else { return "" }
        return try response(value, at: key)
    }

    private func texts(in key: String, mayBeString: Bool) throws(Diagnostic) -> [String] {
        guard let value = field(key) else { return [] }
        if mayBeString, case .string = value { return [try response(value, at: key)] }
        guard let values = value.arrayValue else {
            let wanted = mayBeString ? "a string or a list of strings" : "a list of strings"
            throw failure(
                "'\(key)' should be \(wanted), but this is \(value.kindName)", at: key,
                remedy: "Put the responses' texts there")
        }
        guard !values.isEmpty else {
            throw failure("'\(key)' is an empty list", at: key, remedy: "Give at least one response, or remove the row")
        }
        var texts: [String] = []
        for (index, value) in values.enumerated() { texts.append(try response(value, at: "\(key)[\(index)]")) }
        return texts
    }

    private func response(_ value: JSONValue, at place: String) throws(Diagnostic) -> String {
        guard let text = value.stringValue else {
            throw failure(
                "a response should be a string, but this is \(value.kindName)", at: place,
                remedy: "Give the response's text, and the dialogue before it as the prompt")
        }
        guard !text.isEmpty else {
            throw failure("the response is empty", at: place, remedy: "Give it a text, or remove it from the row")
        }
        return text
    }

    /// A field's value; `null` counts as absent, as tables that were exported to JSON write it.
    private func field(_ key: String) -> JSONValue? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    private func failure(_ message: String, at field: String, remedy: String) -> Diagnostic {
        Diagnostic(.badData, message, at: .init(file: line.file, line: line.line, field: field), remedy: remedy)
    }
}
