import Diagnostics
import Experiment
import JSON
import Text

/// Reads the prompts of a file, row by row, and checks that gold can be given for each.
struct PromptRows {
    let settings: PromptWorld.Settings
    let tokenizer: Tokenizer
    private var lineOfID: [String: Int] = [:]

    init(_ settings: PromptWorld.Settings, tokenizer: Tokenizer) {
        self.settings = settings
        self.tokenizer = tokenizer
    }

    mutating func read(_ path: String) throws(Diagnostic) -> [WorldPrompt] {
        let lines = try JSONLines(path: path)
        var prompts: [WorldPrompt] = []
        while prompts.count < settings.limit ?? .max, let (number, value) = try lines.next() {
            do throws(Diagnostic) {
                prompts.append(try prompt(value, line: number))
            } catch {
                throw error.located(file: lines.name, line: number)
            }
        }
        return prompts
    }

    private mutating func prompt(_ value: JSONValue, line: Int) throws(Diagnostic) -> WorldPrompt {
        guard let row = value.objectValue else {
            throw Diagnostic(
                .badData, "a row should be an object, but this is \(value.kindName)",
                remedy: "Write {\"prompt\": …} on each line")
        }
        let field = settings.prompt ?? (row["prompt"] == nil ? "question" : "prompt")
        let text = settings.prefix + (try Self.text(of: row, field)) + settings.suffix
        var context: [String: JSONValue] = [:]
        for (key, value) in row where key != field && key != "id" { context[key] = value }
        let prompt = WorldPrompt(
            id: try id(of: row, line: line), tokens: try tokens(of: text, field), text: text, context: context)
        try settings.gold.check(prompt)
        if let demonstration = settings.demonstration { _ = try Self.text(of: row, demonstration) }
        return prompt
    }

    private static func text(of row: JSONObject, _ field: String) throws(Diagnostic) -> String {
        guard let text = row[field]?.stringValue else {
            let found = row[field].map { "it is \($0.kindName)" } ?? "the row has none"
            throw Diagnostic(
                .badData, "the row should have '\(field)' as a text, but \(found)", at: .init(field: field),
                remedy: "Name the field that holds it in the world's settings")
        }
        return text
    }

    private func tokens(of text: String, _ field: String) throws(Diagnostic) -> [Int32] {
        let tokens = try tokenizer.encode(text, addSpecialTokens: false).ids
        guard !tokens.isEmpty else {
            throw Diagnostic(
                .badData, "the prompt is empty", at: .init(field: field), remedy: "Give it a text, or remove the row")
        }
        return tokens
    }

    private mutating func id(of row: JSONObject, line: Int) throws(Diagnostic) -> String {
        let id: String
        switch row["id"] {
        case nil, .null: id = "row-\(line)"
        case .string(let text): id = text
        case .integer(let number): id = String(number)
        case .some(let other):
            throw Diagnostic(
                .badData, "an id should be a string or an integer, but this is \(other.kindName)",
                at: .init(field: "id"), remedy: "Put it in quotes or leave it out")
        }
        if let earlier = lineOfID.updateValue(line, forKey: id) {
            throw Diagnostic(
                .badData, "the id '\(id)' was given on line \(earlier) already", at: .init(field: "id"),
                remedy: "Give each row an id of its own, or none")
        }
        return id
    }
}
