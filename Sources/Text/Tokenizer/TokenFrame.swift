import Diagnostics

/// The special tokens that the post-processor puts before and after a text.
struct TokenFrame: Sendable {
    private(set) var prefix: [Int32] = []
    private(set) var suffix: [Int32] = []

    /// Reads `post_processor`. Trimming of offsets is left out: an offset covers all that its token stands for.
    init(_ field: TokenizerField?) throws(Diagnostic) {
        guard let field else { return }
        let type = try field.type()
        switch type {
        case "ByteLevel": break
        case "TemplateProcessing": try readTemplate(field)
        case "Sequence":
            for element in try field.required("processors").elements() {
                let inner = try TokenFrame(element)
                prefix = inner.prefix + prefix
                suffix += inner.suffix
            }
        default: throw field.unsupported("post-processor", type)
        }
    }

    private mutating func readTemplate(_ field: TokenizerField) throws(Diagnostic) {
        var sequences = 0
        for piece in try field.required("single").elements() {
            if let token = piece["SpecialToken"] {
                let ids = try Self.ids(of: token, in: field)
                if sequences == 0 { prefix += ids } else { suffix += ids }
            } else if let sequence = piece["Sequence"], try sequence.required("id").string() == "A" {
                sequences += 1
            } else {
                throw piece.failure("a template for one text consists of special tokens and the sequence A")
            }
        }
        guard sequences == 1 else { throw field.failure("a template for one text must hold the sequence A once") }
    }

    private static func ids(of token: TokenizerField, in field: TokenizerField) throws(Diagnostic) -> [Int32] {
        let name = try token.required("id").string()
        let definition = try field.required("special_tokens").required(name)
        var ids: [Int32] = []
        for element in try definition.required("ids").elements() { ids.append(try element.tokenID()) }
        return ids
    }
}
