import Diagnostics
import Experiment
import JSON
import Text

/// One row of a data file, with what an error needs to name its place.
struct SuiteRecord {
    let value: JSONValue
    let file: String
    /// Where the row begins, counted from 1.
    let line: Int
    /// How many rows the file holds before this one.
    let index: Int
    /// What the suite's rows hold, one sentence for errors.
    let format: String

    var source: Group.SourceLine { Group.SourceLine(file: file, line: line) }

    func failure(_ message: String, field: String? = nil, remedy: String? = nil) -> Diagnostic {
        Diagnostic(.badData, message, at: .init(file: file, line: line, field: field), remedy: remedy ?? format)
    }

    private func wrongKind(_ found: JSONValue, expected: String, field: String) -> Diagnostic {
        failure("\(expected) should be here, this is \(found.kindName)", field: field)
    }

    /// A field's value; `nil` where the row lacks it or it is null.
    func optional(_ field: String) -> JSONValue? {
        guard let member = value[field], !member.isNull else { return nil }
        return member
    }

    func member(_ field: String) throws(Diagnostic) -> JSONValue {
        guard let member = optional(field) else { throw failure("the field is missing", field: field) }
        return member
    }

    func string(_ field: String) throws(Diagnostic) -> String {
        let member = try member(field)
        guard let text = member.stringValue else { throw wrongKind(member, expected: "a string", field: field) }
        return text
    }

    func integer(_ field: String) throws(Diagnostic) -> Int {
        let member = try member(field)
        guard let number = member.intValue else { throw wrongKind(member, expected: "an integer", field: field) }
        return number
    }

    func array(_ field: String) throws(Diagnostic) -> [JSONValue] {
        let member = try member(field)
        guard let elements = member.arrayValue else { throw wrongKind(member, expected: "a list", field: field) }
        return elements
    }

    /// An id, written as a string or an integer.
    func identifier(_ field: String) throws(Diagnostic) -> String {
        let member = try member(field)
        if let number = member.intValue { return String(number) }
        guard let text = member.stringValue else {
            throw wrongKind(member, expected: "a string or an integer", field: field)
        }
        return text
    }

    /// A score, which is a number and never NaN.
    func score(_ element: JSONValue, field: String) throws(Diagnostic) -> Double {
        guard let number = element.doubleValue else { throw wrongKind(element, expected: "a number", field: field) }
        guard !number.isNaN else {
            throw failure("the score is NaN", field: field, remedy: "Score the row again, or leave it out")
        }
        return number
    }
}

/// A response as it stands in a row.
struct Candidate {
    var text: String
    /// Where it stands, for errors.
    var field: String

    /// Whether there is nothing in it to score.
    var isEmpty: Bool { text.allSatisfy(\.isWhitespace) }
}

extension SuiteRecord {
    /// A prompt: text, or a list of messages with `role` and `content`.
    func prompt(_ field: String) throws(Diagnostic) -> Prompt {
        let member = try member(field)
        if let text = member.stringValue { return .text(text) }
        guard let elements = member.arrayValue, !elements.isEmpty else {
            throw wrongKind(member, expected: "a string or a list of messages", field: field)
        }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            messages.append(try message(element, field: "\(field)[\(index)]"))
        }
        return .messages(messages)
    }

    private func message(_ element: JSONValue, field: String) throws(Diagnostic) -> ChatMessage {
        guard let role = element["role"]?.stringValue, let content = element["content"]?.stringValue else {
            throw failure("a message needs the strings role and content", field: field)
        }
        return ChatMessage(role: role, content: content)
    }

    /// One response.
    func candidate(_ field: String) throws(Diagnostic) -> Candidate {
        Candidate(text: try string(field), field: field)
    }

    /// One response or a list of them.
    func candidates(_ field: String) throws(Diagnostic) -> [Candidate] {
        let member = try member(field)
        if let text = member.stringValue { return [Candidate(text: text, field: field)] }
        guard let elements = member.arrayValue else {
            throw wrongKind(member, expected: "a string or a list of strings", field: field)
        }
        guard !elements.isEmpty else { throw failure("the list is empty", field: field) }
        var found: [Candidate] = []
        for (index, element) in elements.enumerated() {
            let place = "\(field)[\(index)]"
            guard let text = element.stringValue else { throw wrongKind(element, expected: "a string", field: place) }
            found.append(Candidate(text: text, field: place))
        }
        return found
    }
}
