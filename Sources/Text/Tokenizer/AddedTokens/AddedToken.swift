import Diagnostics

/// A token that is looked for in the text before the model sees it.
struct AddedToken: Sendable {
    let id: Int32
    let content: [UInt8]
    /// What is looked for: the content, normalized where the token is matched in normalized text.
    let pattern: [UInt8]
    /// Matches only between characters that belong to no word.
    let isSingleWord: Bool
    /// Takes white space before or after it along.
    let stripsLeft: Bool
    let stripsRight: Bool
    /// Looked for in normalized text instead of the text as written.
    let isNormalized: Bool
    /// Left out when decoding without special tokens.
    let isSpecial: Bool

    init(_ field: TokenizerField, normalizer: Normalizer?) throws(Diagnostic) {
        id = try field.required("id").tokenID()
        content = Array(try field.required("content").string().utf8)
        isSingleWord = try field.flag("single_word", default: false)
        stripsLeft = try field.flag("lstrip", default: false)
        stripsRight = try field.flag("rstrip", default: false)
        isSpecial = try field.flag("special", default: false)
        isNormalized = try field.flag("normalized", default: !isSpecial)
        pattern = isNormalized ? try Self.normalize(content, by: normalizer) : content
    }

    private static func normalize(_ content: [UInt8], by normalizer: Normalizer?) throws(Diagnostic) -> [UInt8] {
        guard let normalizer else { return content }
        var text = content.withUnsafeBufferPointer { NormalizedText($0, originalStart: 0) }
        try normalizer.apply(to: &text)
        return text.bytes
    }
}
