import Diagnostics
import JSON

extension BytePairModel {
    /// Reads the member `model` of tokenizer.json.
    init(_ field: TokenizerField) throws(Diagnostic) {
        try Self.checkKind(of: field)
        let vocabulary = try Self.vocabulary(try field.required("vocab"))
        let isFallback = try field.flag("byte_fallback", default: false)
        let unknown = try Self.unknown(field, vocabulary)
        self.vocabulary = vocabulary
        (merges, wordsAreSeparate) = try Self.merges(try field.required("merges"), vocabulary)
        byteIDs = Self.byteIDs(vocabulary)
        asciiIDs = (0..<128).map { vocabulary.id(of: CollectionOfOne(UInt8($0))) ?? -1 }
        fallbackIDs = isFallback ? Self.fallbackIDs(vocabulary) : nil
        (unknownToken, unknownID) = (unknown?.token, unknown?.id)
        fusesUnknown = try field.flag("fuse_unk", default: false)
        let ignoresMerges = try field.flag("ignore_merges", default: false)
        wholeTokens = ignoresMerges ? (vocabulary, Self.tokensByBytes(vocabulary)) : nil
    }

    private static func checkKind(of field: TokenizerField) throws(Diagnostic) {
        if let type = field["type"] {
            guard try type.string() == "BPE" else { throw field.unsupported("model", try type.string()) }
        } else if field["merges"] == nil {
            throw field.failure("the model names no type and has no merges")
        }
        if let dropout = field["dropout"], dropout.value.doubleValue != 0 {
            throw dropout.failure(
                "the model drops merges at random, so its IDs are not determined", remedy: "Set 'dropout' to null")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = field[key], try !affix.string().isEmpty { throw affix.unsupported(key, try affix.string()) }
        }
    }

    private static func vocabulary(_ field: TokenizerField) throws(Diagnostic) -> Vocabulary {
        guard let members = field.value.objectValue else {
            throw field.failure("this is \(field.value.kindName), but an object of tokens is needed")
        }
        var vocabulary = Vocabulary(capacity: members.count)
        for (token, value) in members {
            guard case .integer(let number) = value, let id = Int32(exactly: number), id >= 0 else {
                throw field.failure("the token '\(token.prefix(40))' has no valid ID")
            }
            _ = insert(token, id: id, into: &vocabulary)
        }
        if let id = vocabulary.indexIDs() { throw field.failure("two tokens have the ID \(id)") }
        return vocabulary
    }

    private static func insert(_ token: String, id: Int32, into vocabulary: inout Vocabulary) -> Bool {
        var token = token
        return token.withUTF8 { vocabulary.insert($0, id: id) }
    }

    private static func unknown(
        _ field: TokenizerField, _ vocabulary: Vocabulary
    ) throws(Diagnostic) -> (token: String, id: Int32)? {
        guard let member = field["unk_token"] else { return nil }
        let token = try member.string()
        guard let id = vocabulary.id(of: token.utf8) else {
            throw member.failure("the token '\(token.prefix(40))' is not in the vocabulary")
        }
        return (token, id)
    }

    private static func byteIDs(_ vocabulary: Vocabulary) -> [Int32]? {
        let ids = ByteAlphabet.encodings.compactMap { vocabulary.id(of: $0) }
        return ids.count == 256 ? ids : nil
    }

    private static func fallbackIDs(_ vocabulary: Vocabulary) -> [Int32?] {
        let digits = Array("0123456789ABCDEF".utf8)
        return (0..<256).map { byte in
            vocabulary.id(of: Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8))
        }
    }

    private static func tokensByBytes(_ vocabulary: Vocabulary) -> Vocabulary {
        var result = Vocabulary(capacity: vocabulary.count)
        for (token, id) in vocabulary.tokens {
            guard let raw = ByteAlphabet.rawBytes(of: token) else { continue }
            _ = raw.withUnsafeBufferPointer { result.insert($0, id: id) }
        }
        return result
    }
}

// MARK: - Merges

extension BytePairModel {
    private static func merges(
        _ field: TokenizerField, _ vocabulary: Vocabulary
    ) throws(Diagnostic) -> (table: MergeTable, wordsAreSeparate: Bool) {
        guard let elements = field.value.arrayValue else {
            throw field.failure("this is \(field.value.kindName), but an array of merges is needed")
        }
        var reader = MergeReader(vocabulary: vocabulary, count: elements.count)
        for (rank, element) in elements.enumerated() {
            if let problem = reader.read(element, rank: UInt32(truncatingIfNeeded: rank)) {
                let place = TokenizerField(value: element, file: field.file, path: "\(field.path)[\(rank)]")
                throw place.failure(problem)
            }
        }
        return (reader.table, reader.wordsAreSeparate && vocabulary.id(of: wordStart) != nil)
    }
}
