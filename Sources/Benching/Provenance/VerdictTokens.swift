import JSON

/// The tokens whose probabilities make a verdict: a tokenizer that writes the words otherwise makes another reward of it.
struct VerdictTokens: Hashable {
    /// A token by its id and, where the reward tells it, what it stands for.
    struct Token: Hashable {
        let id: Int
        let text: String?

        /// The id, then the text in quotes with its spaces made visible.
        var description: String {
            guard let text else { return String(id) }
            return "\(id) " + JSONValue.string(text.replacing(" ", with: "␣")).text
        }
    }

    let yes: [Token]
    let no: [Token]

    /// Those that a provenance names, its members' included.
    static func all(in provenance: JSONValue) -> [VerdictTokens] {
        var found: [VerdictTokens] = []
        if let yes = tokens("yes", in: provenance), let no = tokens("no", in: provenance) {
            found.append(VerdictTokens(yes: yes, no: no))
        }
        for part in provenance.objectValue?.values.map({ $0 }) ?? provenance.arrayValue ?? [] {
            for tokens in all(in: part) where !found.contains(tokens) { found.append(tokens) }
        }
        return found
    }

    private static func tokens(_ word: String, in provenance: JSONValue) -> [Token]? {
        guard let ids = provenance["\(word)_tokens"]?.arrayValue else { return nil }
        let texts = provenance["\(word)_texts"]?.arrayValue ?? []
        return ids.enumerated().compactMap { place, value in
            value.intValue.map { Token(id: $0, text: place < texts.count ? texts[place].stringValue : nil) }
        }
    }

    var text: String { "Yes is token \(Self.list(yes)), No is token \(Self.list(no))" }

    private static func list(_ tokens: [Token]) -> String { tokens.map(\.description).joined(separator: " or ") }
}
