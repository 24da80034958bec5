import Diagnostics
import Experiment
import JSON

/// `numeric-answer`: 1 where the response's answer is the same number as the reference's, else 0.
///
/// The answer of either is ``DecimalNumber/answer(in:)``: GSM8K's `#### 42`, or the last number of free text (Cobbe et al.,
/// "Training Verifiers to Solve Math Word Problems", 2021). Numbers are compared as decimals, exactly.
public struct NumericAnswerGold: GoldRule {
    /// The row's field with the reference solution or number.
    public let field: String

    public init(field: String) { self.field = field }

    public var json: JSONValue { ["rule": .string(GoldRuleName.numericAnswer.rawValue), "field": .string(field)] }
    public var range: ClosedRange<Double> { .probability }

    public func check(_ prompt: WorldPrompt) throws(Diagnostic) { _ = try reference(of: prompt) }

    public func answer(to prompt: WorldPrompt) throws(Diagnostic) -> String? { try reference(of: prompt).text }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let reference = try reference(of: prompt)
        return responses.map { DecimalNumber.answer(in: $0.text) == reference ? 1 : 0 }
    }

    private func reference(of prompt: WorldPrompt) throws(Diagnostic) -> DecimalNumber {
        let text = try prompt.text(in: field, for: .numericAnswer)
        guard let number = DecimalNumber.answer(in: text) else {
            throw Diagnostic(
                .badData, "'\(field)' holds no number that could be the answer", at: .init(field: field),
                remedy: "Give the answer as a number or after ####, or leave the row out")
        }
        return number
    }
}
