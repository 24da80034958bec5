import Diagnostics
import Foundation
import JSON
import Text

/// The cases under Tests/Fixtures/templates, which scripts/fixtures/make_template_fixtures.py makes with Python's jinja2.
enum TemplateFixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/templates")

    /// The time at which the clock of the cases stands.
    static let time = LocalTime(year: 2024, month: 7, day: 26, hour: 13, minute: 5, second: 9)

    struct Case {
        let name: String
        let template: String
        let context: [String: JSONValue]
        /// `nil` where jinja2 raises an error.
        let output: String?
    }

    static func cases(_ file: String) throws -> [Case] {
        let contexts = try JSONValue(readingFile: folder.appending(path: "contexts.json").path)
        let lines = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return try lines.split(separator: "\n").map { try makeCase(try JSONValue(parsing: String($0)), contexts) }
    }

    private static func makeCase(_ row: JSONValue, _ contexts: JSONValue) throws -> Case {
        var context = members(contexts["constructs"])
        var template = row["template"]?.stringValue ?? ""
        if let dialogue = row["dialogue"]?.stringValue, let variant = row["variant"]?.stringValue {
            context = members(contexts["common"])
            context["messages"] = contexts["dialogues"]?[dialogue]
            context.merge(members(contexts["variants"]?[variant])) { $1 }
            template = try source(template)
        }
        return Case(
            name: row["name"]?.stringValue ?? "", template: template, context: context,
            output: row["output"]?.stringValue)
    }

    /// A template under `chat/`.
    static func source(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: "chat/\(file)"), encoding: .utf8)
    }

    private static func members(_ value: JSONValue?) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: (value?.objectValue ?? [:]).map { ($0.key, $0.value) })
    }
}
