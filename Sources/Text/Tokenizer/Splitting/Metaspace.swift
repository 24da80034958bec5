import Diagnostics

/// SentencePiece's treatment of spaces: each becomes a visible character, and a word starts at each of those.
struct Metaspace: Sendable {
    enum PrependScheme: String, Sendable {
        case first, never, always
    }

    let replacement: Unicode.Scalar
    let scheme: PrependScheme
    let splits: Bool

    init(_ field: TokenizerField) throws(Diagnostic) {
        replacement = try field.required("replacement").scalar()
        splits = try field.flag("split", default: true)
        scheme = try Self.scheme(of: field)
    }

    /// Old files have `add_prefix_space` in place of `prepend_scheme`.
    private static func scheme(of field: TokenizerField) throws(Diagnostic) -> PrependScheme {
        let addsPrefixSpace = try field.flag("add_prefix_space", default: true)
        guard let declared = field["prepend_scheme"] else { return addsPrefixSpace ? .always : .never }
        guard let scheme = PrependScheme(rawValue: try declared.string()) else {
            throw declared.unsupported("prepend scheme", try declared.string())
        }
        guard addsPrefixSpace || scheme == .never else {
            throw field.failure("'add_prefix_space' contradicts 'prepend_scheme'")
        }
        return scheme
    }

    func apply(to input: inout PreTokenizedText) throws(Diagnostic) {
        replaceSpaces(in: &input)
        let prefix = Array(String(replacement).utf8)
        let text = input.text
        switch scheme {
        case .always: input.prepend(prefix)
        case .first: input.prepend(prefix) { text.originalRange(of: $0).lowerBound == 0 }
        case .never: break
        }
        if splits { try input.split(.scalars(.exactly(replacement)), .mergedWithNext, isInverted: false) }
    }

    private func replaceSpaces(in input: inout PreTokenizedText) {
        let bytes = input.text.bytes
        guard bytes.contains(0x20) else { return }
        let spelling = Array(String(replacement).utf8)
        input.rewrite { writer, _, piece in
            var start = piece.lowerBound
            for position in piece where bytes[position] == 0x20 {
                writer.copy(start..<position)
                writer.append(spelling, for: position..<position + 1)
                start = position + 1
            }
            writer.copy(start..<piece.upperBound)
        }
    }
}
