import JSON

/// The token ids whose probabilities make a verdict: a tokenizer that writes the words otherwise makes another reward of it.
struct VerdictTokens: Hashable {
    let yes: [Int]
    let no: [Int]

    /// Those that a provenance names, its members' included.
    static func all(in provenance: JSONValue) -> [VerdictTokens] {
        var found: [VerdictTokens] = []
        if let yes = provenance["yes_tokens"]?.arrayValue, let no = provenance["no_tokens"]?.arrayValue {
            found.append(VerdictTokens(yes: yes.compactMap(\.intValue), no: no.compactMap(\.intValue)))
        }
        for part in provenance.objectValue?.values.map({ $0 }) ?? provenance.arrayValue ?? [] {
            for tokens in all(in: part) where !found.contains(tokens) { found.append(tokens) }
        }
        return found
    }

    var text: String { "Yes is token \(Self.list(yes)), No is token \(Self.list(no))" }

    private static func list(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: " or ") }
}
