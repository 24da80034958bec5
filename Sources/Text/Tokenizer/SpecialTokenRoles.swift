import Diagnostics
import JSON

/// The files of a checkpoint folder beside `tokenizer.json` that name special tokens.
struct TokenizerFiles {
    /// The members of `tokenizer_config.json` and `special_tokens_map.json`, in the order in which they count.
    let named: [TokenizerField]
    /// `config.json`, which has IDs.
    let configuration: TokenizerField?

    /// - Parameter directory: a path that ends in a slash.
    init(directory: String) throws(Diagnostic) {
        var named: [TokenizerField] = []
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            if let field = try Self.read(directory + name) { named.append(field) }
        }
        self.named = named
        configuration = try Self.read(directory + "config.json")
    }

    static func tokenizer(in directory: String) throws(Diagnostic) -> JSONValue {
        do throws(Diagnostic) {
            return try JSONValue(readingFile: directory + "tokenizer.json")
        } catch {
            guard error.category == .inputMissing else { throw error }
            var missing = error
            missing.remedy =
                "Make the file with Python: transformers.AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
            throw missing
        }
    }

    private static func read(_ file: String) throws(Diagnostic) -> TokenizerField? {
        do throws(Diagnostic) {
            return TokenizerField(value: try JSONValue(readingFile: file), file: file, path: "")
        } catch {
            if error.category == .inputMissing { return nil }
            throw error
        }
    }
}

/// Which special tokens begin, end and fill a text or stand for unknown characters.
struct SpecialTokenRoles: Sendable {
    let begin: String?
    let end: String?
    let pad: String?
    let unknown: String?

    init(_ files: TokenizerFiles?, model: BytePairModel, added: AddedVocabulary) throws(Diagnostic) {
        let token: (Int32) -> String? = { id in
            let bytes = added.token(of: id).map { $0.content[...] } ?? model.vocabulary.token(of: id)
            return bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        begin = try Self.role("bos", files, token)
        end = try Self.role("eos", files, token)
        pad = try Self.role("pad", files, token)
        unknown = try Self.role("unk", files, token) ?? model.unknownToken
    }

    private static func role(
        _ role: String, _ files: TokenizerFiles?, _ token: (Int32) -> String?
    ) throws(Diagnostic) -> String? {
        for file in files?.named ?? [] {
            guard let field = file["\(role)_token"] else { continue }
            return try (field.value.objectValue == nil ? field : field.required("content")).string()
        }
        guard let field = files?.configuration?["\(role)_token_id"] else { return nil }
        let first = field.value.arrayValue?.first ?? field.value
        return first.intValue.flatMap { Int32(exactly: $0) }.flatMap(token)
    }
}
