import JSON

/// One turn of a dialogue.
public struct ChatMessage: Sendable, Hashable {
    /// `system`, `user`, `assistant`, `tool`, or what the template knows.
    public var role: String
    public var content: String
    /// What else the message holds for the template: `name`, `tool_calls`, `reasoning_content` and the like. A member
    /// `content` here (parts, or null) takes the place of the text.
    public var fields: JSONObject

    public init(role: String, content: String, fields: JSONObject = [:]) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    /// The message as a template sees it.
    var value: JSONValue {
        var members: JSONObject = ["role": .string(role), "content": .string(content)]
        for (key, value) in fields { members[key] = value }
        return .object(Self.withReasoningAliases(members))
    }

    /// Reasoning goes by several names; a template finds it under the two that are read.
    private static func withReasoningAliases(_ members: JSONObject) -> JSONObject {
        let names = ["reasoning_content", "thinking", "reasoning"]
        guard let reasoning = names.lazy.compactMap({ members[$0] }).first(where: { !$0.isNull }) else {
            return members
        }
        var aliased: JSONObject = ["thinking": reasoning]
        for (key, value) in members { aliased[key] = value }
        aliased["reasoning_content"] = reasoning
        return aliased
    }
}
