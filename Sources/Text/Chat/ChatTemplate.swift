import Diagnostics
import JSON

/// Turns a dialogue into the text that a checkpoint was trained on.
public struct ChatTemplate: Sendable {
    /// The Jinja text.
    public let source: String
    /// What errors call the template.
    public var name: String { template.name }
    private let template: JinjaTemplate
    /// The time that `strftime_now` prints, one for all renderings; `nil` where the template does not ask for it.
    public let time: LocalTime?

    /// - Parameter time: what a template that prints the date prints; by default the time of this call.
    /// - Throws: `badData` naming the construct and its line where the template is wrong or uses what is not supported.
    public init(source: String, name: String, time: LocalTime? = nil) throws(Diagnostic) {
        self.source = source
        template = try JinjaTemplate(source, name: name)
        self.time = template.readsClock ? time ?? LocalTime.current : nil
    }

    /// The dialogue as text.
    ///
    /// - Parameters:
    ///   - addGenerationPrompt: whether the text goes on to where the assistant would begin to write.
    ///   - beginToken: the tokenizer's `bos_token`; undefined in the template where there is none.
    ///   - endToken: the tokenizer's `eos_token`, likewise.
    ///   - variables: what else the template may read, such as `tools` (null where it is not given) or `enable_thinking`.
    /// - Throws: `badData` where the template refuses the dialogue, with its message and line.
    public func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool, beginToken: String?, endToken: String?,
        variables: [String: JSONValue] = [:]
    ) throws(Diagnostic) -> String {
        var context: [String: JSONValue] = ["tools": .null, "documents": .null]
        context["bos_token"] = beginToken.map { .string($0) }
        context["eos_token"] = endToken.map { .string($0) }
        context.merge(variables) { $1 }
        context["messages"] = .array(messages.map(\.value))
        context["add_generation_prompt"] = .bool(addGenerationPrompt)
        return try template.render(context, now: time)
    }
}
