import Diagnostics
import Experiment
import JSON

/// `regex`: 1 where the pattern is found in the response, else 0.
///
/// The pattern is in the syntax of Swift's `Regex`; `(?s)`, `(?m)` and `(?i)` are there, and `^…$` asks for the whole response. It
/// is the same for all rows (`pattern`), or each row has its own (`field`).
public struct RegexGold: GoldRule {
    /// Where the pattern stands.
    public enum Source: Sendable, Hashable {
        case pattern(String)
        case field(String)
    }

    public let source: Source

    public init(_ source: Source) throws(Diagnostic) {
        self.source = source
        if case .pattern(let pattern) = source { _ = try Self.compiled(pattern, at: "pattern") }
    }

    init(_ keys: inout SettingsReader) throws(Diagnostic) {
        switch (try keys.string("pattern"), try keys.string("field")) {
        case (let pattern?, nil):
            do throws(Diagnostic) {
                try self.init(.pattern(pattern))
            } catch {
                throw Diagnostic(
                    .usage, error.message, at: .init(field: keys.path(of: "pattern")), remedy: error.remedy)
            }
        case (nil, let field?): try self.init(.field(field))
        default:
            throw Diagnostic(
                .usage, "a regex gold has either a pattern or a field with the row's own",
                at: .init(field: keys.path(of: "pattern")), remedy: "Write gold: {rule: regex, pattern: …}")
        }
    }

    public var json: JSONValue {
        switch source {
        case .pattern(let pattern): ["rule": "regex", "pattern": .string(pattern)]
        case .field(let field): ["rule": "regex", "field": .string(field)]
        }
    }
    public var range: ClosedRange<Double> { .probability }

    public func check(_ prompt: WorldPrompt) throws(Diagnostic) { _ = try regex(for: prompt) }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        // A Regex is not Sendable, so it is compiled where it is used.
        let regex = try regex(for: prompt)
        var values: [Double] = []
        for response in responses { values.append(try Self.isFound(regex, in: response.text) ? 1 : 0) }
        return values
    }

    private func regex(for prompt: WorldPrompt) throws(Diagnostic) -> Regex<AnyRegexOutput> {
        switch source {
        case .pattern(let pattern): try Self.compiled(pattern, at: "pattern")
        case .field(let field): try Self.compiled(try prompt.text(in: field, for: .regex), at: field)
        }
    }

    private static func compiled(_ pattern: String, at field: String) throws(Diagnostic) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern)
        } catch {
            throw Diagnostic(
                .badData, "the pattern cannot be compiled: \(error)", at: .init(field: field),
                remedy: "Correct the pattern")
        }
    }

    private static func isFound(_ regex: Regex<AnyRegexOutput>, in text: String) throws(Diagnostic) -> Bool {
        do {
            return try regex.firstMatch(in: text) != nil
        } catch {
            throw Diagnostic(.badData, "the pattern failed on a response: \(error)", remedy: "Simplify the pattern")
        }
    }
}
