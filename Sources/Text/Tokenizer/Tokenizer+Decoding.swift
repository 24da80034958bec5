extension Tokenizer {
    /// Turns token IDs into text; bytes that are no UTF-8 become U+FFFD. IDs without a token are passed over.
    ///
    /// - Parameter skipSpecialTokens: leaves out the tokens that the file marks as special.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
        let tokens = ids.compactMap { spelling(of: $0, skipSpecialTokens: skipSpecialTokens) }
        guard let decoder else { return tokens.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") }
        return String(decoding: Array(decoder.apply(to: tokens).joined()), as: UTF8.self)
    }

    /// The bytes of a token as decoders take them: an added token that is matched in normalized text comes in that form.
    private func spelling(of id: Int32, skipSpecialTokens: Bool) -> [UInt8]? {
        guard let token = added.token(of: id) else { return model.vocabulary.token(of: id).map { Array($0) } }
        return token.isSpecial && skipSpecialTokens ? nil : token.pattern
    }
}
