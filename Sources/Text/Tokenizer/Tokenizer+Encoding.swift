import Diagnostics

extension Tokenizer {
    /// Turns a text into tokens; the text is never truncated.
    ///
    /// - Parameter addSpecialTokens: adds what the post-processor puts around a text (such as `<s>`). Special tokens
    ///   written in the text become their IDs in any case.
    /// - Throws: `badData` where a character has no token, or a pattern fails on the text.
    public func encode(_ text: String, addSpecialTokens: Bool) throws(Diagnostic) -> Encoding {
        var text = text
        let result: Result<Encoding, Diagnostic> = text.withUTF8 { bytes in
            var run = EncodingRun(self)
            do throws(Diagnostic) {
                try run.encode(bytes)
                return .success(run.encoding)
            } catch {
                return .failure(error)
            }
        }
        let encoding = try result.get()
        return addSpecialTokens ? framed(encoding, length: text.utf8.count) : encoding
    }

    private func framed(_ encoding: Encoding, length: Int) -> Encoding {
        Encoding(
            ids: frame.prefix + encoding.ids + frame.suffix,
            offsets: frame.prefix.map { _ in 0..<0 } + encoding.offsets + frame.suffix.map { _ in length..<length })
    }
}

/// The encoding of one text under way.
private struct EncodingRun {
    private let tokenizer: Tokenizer
    private var symbols = TokenSymbols()
    private(set) var encoding = Tokenizer.Encoding()

    init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    mutating func encode(_ text: UnsafeBufferPointer<UInt8>) throws(Diagnostic) {
        guard text.count < Int(Int32.max) else {
            throw Diagnostic(.badData, "the text has more than 2 GiB", remedy: "Split it into shorter ones")
        }
        encoding.ids.reserveCapacity(text.count / 4 + 8)
        encoding.offsets.reserveCapacity(text.count / 4 + 8)
        var end = 0
        for match in tokenizer.added.literal.matches(in: text) {
            if end < match.range.lowerBound { try encodePart(end..<match.range.lowerBound, of: text) }
            append(tokenizer.added.tokens[match.token].id, match.range)
            end = match.range.upperBound
        }
        if end < text.count { try encodePart(end..<text.count, of: text) }
    }

    private mutating func append(_ id: Int32, _ range: Range<Int>) {
        encoding.ids.append(id)
        encoding.offsets.append(range)
    }

    /// Encodes a part between the added tokens of the text as written.
    private mutating func encodePart(_ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>) throws(Diagnostic) {
        var part = NormalizedText(text.part(range), originalStart: range.lowerBound)
        try tokenizer.normalizer?.apply(to: &part)
        let matches = part.bytes.withUnsafeBufferPointer { tokenizer.added.normalized.matches(in: $0) }
        guard !matches.isEmpty else { return try encodePlain(part) }
        var end = 0
        for match in matches {
            if end < match.range.lowerBound { try encodePlain(part.part(end..<match.range.lowerBound)) }
            append(tokenizer.added.tokens[match.token].id, part.originalRange(of: match.range))
            end = match.range.upperBound
        }
        if end < part.bytes.count { try encodePlain(part.part(end..<part.bytes.count)) }
    }

    /// Encodes normalized text that holds no added tokens.
    private mutating func encodePlain(_ text: NormalizedText) throws(Diagnostic) {
        var input = PreTokenizedText(text)
        try tokenizer.preTokenizer?.apply(to: &input, isLast: tokenizer.model.byteIDs != nil)
        let output = input
        var symbols = TokenSymbols()
        swap(&symbols, &self.symbols)
        defer { swap(&symbols, &self.symbols) }
        try output.text.bytes.withUnsafeBufferPointer { (bytes) throws(Diagnostic) in
            for piece in output.pieces {
                try tokenizer.model.encode(piece, of: bytes, isByteLevel: output.isByteLevel, symbols: &symbols) {
                    append($0, output.text.originalRange(of: $1))
                }
            }
        }
    }
}
