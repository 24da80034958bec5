import Diagnostics
import Experiment
import JSON

/// Says what a response to a row's prompt is worth.
public protocol GoldRule: Sendable {
    /// The rule's settings in full: `{rule: exact, field: answer}`.
    var json: JSONValue { get }
    /// Where its values lie.
    var range: ClosedRange<Double> { get }
    /// - Throws: `badData` with the field where a row lacks what the rule needs of it.
    func check(_ prompt: WorldPrompt) throws(Diagnostic)
    /// An answer that is right, as text; `nil` where the rule knows none.
    func answer(to prompt: WorldPrompt) throws(Diagnostic) -> String?
    /// One value a response.
    func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double]
}

extension GoldRule {
    public func check(_ prompt: WorldPrompt) throws(Diagnostic) {}
    public func answer(to prompt: WorldPrompt) throws(Diagnostic) -> String? { nil }
}

/// The names of the rules.
public enum GoldRuleName: String, Sendable, CaseIterable {
    case numericAnswer = "numeric-answer"
    case trueEquations = "true-equations"
    case exact, regex, command
}

/// Reads the key `gold`: a map with `rule` and the rule's keys, or the rule's name alone.
func makeGoldRule(
    _ reader: inout SettingsReader, relativeTo folder: String
) throws(Diagnostic) -> any GoldRule {
    let path = reader.path(of: "gold")
    guard var value = reader.value("gold") else {
        throw Diagnostic(
            .usage, "the world of prompts has no gold", at: .init(field: path),
            remedy: "Write, for example, gold: {rule: numeric-answer, field: answer}")
    }
    if case .string = value { value = ["rule": value] }
    var keys = try SettingsReader(value, path: path)
    guard keys.value("rule") != nil else {
        throw Diagnostic(
            .usage, "gold names no rule", at: .init(field: keys.path(of: "rule")),
            remedy: "The rules are \(GoldRuleName.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let rule = try keys.choice("rule", default: GoldRuleName.exact).rule(&keys, relativeTo: folder)
    try keys.finish()
    return rule
}

extension GoldRuleName {
    /// Reads the keys of this rule.
    ///
    /// - Parameter folder: what a command's path counts from.
    /// - Throws: `usage` with the key that is wrong.
    public func rule(_ keys: inout SettingsReader, relativeTo folder: String) throws(Diagnostic) -> any GoldRule {
        switch self {
        case .numericAnswer: NumericAnswerGold(field: try keys.string("field", default: "answer"))
        case .trueEquations: TrueEquationsGold(tolerance: try keys.number("tolerance", default: 1e-6, in: 0...1))
        case .exact: ExactGold(field: try keys.string("field", default: "answer"))
        case .regex: try RegexGold(&keys)
        case .command: try CommandGold(&keys, relativeTo: folder)
        }
    }
}

extension WorldPrompt {
    /// The text in one of the row's fields; a number counts as its digits.
    ///
    /// - Throws: `badData` with the field where it is not there or is neither text nor number.
    func text(in field: String, for rule: GoldRuleName) throws(Diagnostic) -> String {
        switch context[field] {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let number): return JSONValue.number(number).text
        case let other:
            let found = other.map { "it is \($0.kindName)" } ?? "the row has none"
            throw Diagnostic(
                .badData, "\(rule.rawValue) needs '\(field)' as a text or a number, but \(found)",
                at: .init(field: field), remedy: "Name the field that holds it: gold: {rule: …, field: …}")
        }
    }
}
