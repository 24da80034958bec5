import JSON

/// How a control's settings differ from those of the arm that it copies.
enum ControlSettings {
    /// Keys of a reward's term that say when and how much it counts; the rest is its spec.
    private static let termKeys = ["name", "weight", "from", "until"]

    static func settings(_ settings: JSONValue, for role: Arm.Role) -> JSONValue {
        guard case .object(var members) = settings else { return settings }
        switch role {
        case .design: break
        case .sameAgain: members["streams"] = "aa"
        case .placebo: members["reward"] = members["reward"].map(shuffled)
        }
        return .object(members)
    }

    /// The same terms, each wrapped in a sham: `{name: proxy, kind: sham, of: {kind: planted, accuracy: 0.8}}`.
    private static func shuffled(_ reward: JSONValue) -> JSONValue {
        switch reward {
        case .array(let terms): return .array(terms.map(shuffled))
        case .object(let term):
            let spec = term.filter { !termKeys.contains($0.key) }
            let kept = term.filter { termKeys.contains($0.key) }
            return .object(
                JSONObject(kept + [(key: "kind", value: "sham"), (key: "of", value: .object(JSONObject(spec)))]))
        default: return ["kind": "sham", "of": reward]
        }
    }
}
