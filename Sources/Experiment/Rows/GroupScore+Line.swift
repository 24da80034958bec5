import JSON

extension GroupScore {
    /// The score as an output row: one line of compact JSON, its line feed included.
    ///
    /// `{"id":…,"scores":[…],"tokens":[…],"truncated":[…]}`, and `"per_token":[[…],…]` where there are such rewards. A
    /// double has the fewest digits that read back as the same double, so equal scores give equal bytes.
    public var line: String { json.text + "\n" }

    /// The output row as a JSON object; see ``line``.
    public var json: JSONValue {
        var members = JSONObject()
        members["id"] = .string(id)
        members["scores"] = .array(scores.map { .number($0) })
        members["tokens"] = .array(tokens.map { .integer($0) })
        members["truncated"] = .array(truncated.map { .bool($0) })
        if let perToken {
            members["per_token"] = .array(perToken.map { .array($0.map { .number($0) }) })
        }
        return .object(members)
    }
}
