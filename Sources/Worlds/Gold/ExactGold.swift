import Diagnostics
import Experiment
import JSON

/// `exact`: 1 where the response is the reference, white space around either aside, else 0. Bytes are compared.
public struct ExactGold: GoldRule {
    /// The row's field with the reference.
    public let field: String

    public init(field: String) { self.field = field }

    public var json: JSONValue { ["rule": .string(GoldRuleName.exact.rawValue), "field": .string(field)] }
    public var range: ClosedRange<Double> { .probability }

    public func check(_ prompt: WorldPrompt) throws(Diagnostic) { _ = try prompt.text(in: field, for: .exact) }

    public func answer(to prompt: WorldPrompt) throws(Diagnostic) -> String? {
        let scalars = Self.trimmed(try prompt.text(in: field, for: .exact))
        return String(String.UnicodeScalarView(scalars))
    }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let reference = Self.trimmed(try prompt.text(in: field, for: .exact))
        return responses.map { Self.trimmed($0.text) == reference ? 1 : 0 }
    }

    private static func trimmed(_ text: String) -> [Unicode.Scalar] {
        let head = text.unicodeScalars.drop { $0.properties.isWhitespace }
        return Array(head.reversed().drop { $0.properties.isWhitespace }.reversed())
    }
}
