import Diagnostics
import JSON

/// Turns text into token IDs and back, as a checkpoint's `tokenizer.json` says.
///
/// Reads byte-level and SentencePiece-style byte-pair encodings, which the decoder families of this package use, and
/// gives the IDs that Hugging Face's `tokenizers` gives. What it does not know (other models, normalizers, …) is an
/// error when it is read, never a guess. Truncation and padding that a file asks for are left to the caller.
///
/// An instance may be used by any number of threads at once.
public final class Tokenizer: Sendable {
    /// Token IDs and what they stand for.
    public struct Encoding: Sendable, Hashable {
        public var ids: [Int32]
        /// For each ID the UTF-8 bytes of the original text that it stands for: what it was before normalization,
        /// widened to whole scalars, spaces included. Tokens that share a scalar overlap. A token that the
        /// post-processor puts before or after the text has an empty range there; a prefix that normalization puts
        /// before a word (`▁`) shares the range of the scalar after it.
        public var offsets: [Range<Int>]

        public init(ids: [Int32] = [], offsets: [Range<Int>] = []) {
            self.ids = ids
            self.offsets = offsets
        }
    }

    let normalizer: Normalizer?
    let preTokenizer: PreTokenizer?
    let model: BytePairModel
    let added: AddedVocabulary
    let frame: TokenFrame
    let decoder: TokenDecoder?
    let roles: SpecialTokenRoles

    /// Reads the tokenizer of a checkpoint folder: `tokenizer.json`, and the names of its special tokens from
    /// `tokenizer_config.json`, `special_tokens_map.json` or `config.json`.
    ///
    /// - Throws: `inputMissing` where there is no `tokenizer.json`; `badData` naming file and field where one of the
    ///   files is wrong or asks for something that is not supported.
    public convenience init(directory: String) throws(Diagnostic) {
        let path = directory.hasSuffix("/") ? directory : directory + "/"
        let json = try TokenizerFiles.tokenizer(in: path)
        try self.init(json: json, file: path + "tokenizer.json", files: try TokenizerFiles(directory: path))
    }

    /// Reads a tokenizer from the content of a `tokenizer.json`; its special tokens have no roles but that of the
    /// unknown token.
    ///
    /// - Parameter file: the file's name, for errors.
    /// - Throws: `badData` naming the field that is wrong or asks for something that is not supported.
    public convenience init(json: JSONValue, file: String) throws(Diagnostic) {
        try self.init(json: json, file: file, files: nil)
    }

    private init(json: JSONValue, file: String, files: TokenizerFiles?) throws(Diagnostic) {
        let root = TokenizerField(value: json, file: file, path: "")
        guard json.objectValue != nil else { throw root.failure("this is \(json.kindName), but an object is needed") }
        normalizer = try root["normalizer"].map { (field) throws(Diagnostic) in try Normalizer(field) }
        preTokenizer = try root["pre_tokenizer"].map { (field) throws(Diagnostic) in try PreTokenizer(field) }
        model = try BytePairModel(try root.required("model"))
        decoder = try root["decoder"].map { (field) throws(Diagnostic) in try TokenDecoder(field) }
        added = try AddedVocabulary(root["added_tokens"], normalizer: normalizer, vocabulary: model.vocabulary)
        frame = try TokenFrame(root["post_processor"])
        roles = try SpecialTokenRoles(files, model: model, added: added)
        for id in frame.prefix + frame.suffix where token(of: id) == nil {
            throw root.failure("the post-processor adds the ID \(id), which is no token's")
        }
    }
}

// MARK: - The vocabulary

extension Tokenizer {
    /// The number of tokens, added ones included. IDs need not be contiguous: the largest may be larger.
    public var vocabularySize: Int {
        model.vocabulary.count + added.tokens.count { model.vocabulary.token(of: $0.id) == nil }
    }

    /// The ID of a token, written as in the vocabulary (`Ġthe`, `▁the`); tokens are told apart by their bytes.
    public func id(of token: String) -> Int32? {
        added.token(withContent: Array(token.utf8))?.id ?? model.vocabulary.id(of: token.utf8)
    }

    /// The token of an ID, written as in the vocabulary.
    public func token(of id: Int32) -> String? {
        if let token = added.token(of: id) { return String(decoding: token.content, as: UTF8.self) }
        return model.vocabulary.token(of: id).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether an ID is that of a special token, which decoding may leave out.
    public func isSpecial(_ id: Int32) -> Bool { added.token(of: id)?.isSpecial ?? false }

    /// The token that begins a text (`bos_token`).
    public var beginToken: String? { roles.begin }
    /// The token that ends a text or turn (`eos_token`).
    public var endToken: String? { roles.end }
    /// The token that fills a row (`pad_token`).
    public var padToken: String? { roles.pad }
    /// The token of unknown characters (`unk_token`).
    public var unknownToken: String? { roles.unknown }
}
