import Diagnostics

/// The tokens that are taken out of a text before the model sees it.
struct AddedVocabulary: Sendable {
    let tokens: [AddedToken]
    /// Looked for in the text as written.
    let literal: AddedTokenMatcher
    /// Looked for after normalization.
    let normalized: AddedTokenMatcher
    private let indexByID: [Int32: Int]
    private let indexByContent: [[UInt8]: Int]

    /// Reads `added_tokens`; a token that the model has too must have the model's ID.
    init(_ field: TokenizerField?, normalizer: Normalizer?, vocabulary: Vocabulary) throws(Diagnostic) {
        var tokens: [AddedToken] = []
        var (byID, byContent): ([Int32: Int], [[UInt8]: Int]) = ([:], [:])
        for element in try field?.elements() ?? [] {
            let token = try AddedToken(element, normalizer: normalizer)
            guard !token.content.isEmpty else { continue }
            try Self.check(token, at: element, against: vocabulary)
            guard byID.updateValue(tokens.count, forKey: token.id) == nil,
                byContent.updateValue(tokens.count, forKey: token.content) == nil
            else { throw element.failure("this token or its ID is listed twice") }
            tokens.append(token)
        }
        self.tokens = tokens
        (indexByID, indexByContent) = (byID, byContent)
        literal = AddedTokenMatcher(tokens, indices: tokens.indices.filter { !tokens[$0].isNormalized })
        normalized = AddedTokenMatcher(tokens, indices: tokens.indices.filter { tokens[$0].isNormalized })
    }

    private static func check(
        _ token: AddedToken, at field: TokenizerField, against vocabulary: Vocabulary
    ) throws(Diagnostic) {
        if let id = vocabulary.id(of: token.content) {
            guard id == token.id else {
                throw field.failure("the token has the ID \(token.id) here but \(id) in 'vocab'")
            }
        } else if vocabulary.token(of: token.id) != nil {
            throw field.failure("the ID \(token.id) is another token's in 'vocab'")
        }
    }

    func token(of id: Int32) -> AddedToken? { indexByID[id].map { tokens[$0] } }

    func token(withContent content: [UInt8]) -> AddedToken? { indexByContent[content].map { tokens[$0] } }
}
