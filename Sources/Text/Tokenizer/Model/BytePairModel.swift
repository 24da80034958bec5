import Diagnostics

/// Byte-pair encoding (Sennrich et al. 2016): characters are merged into tokens in the order in which the merges were
/// learnt.
struct BytePairModel: Sendable {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// The token of each byte's character of the ``ByteAlphabet``; `nil` unless all 256 are there.
    let byteIDs: [Int32]?
    /// The token of each ASCII character, or -1.
    let asciiIDs: [Int32]
    /// The tokens `<0x00>` to `<0xFF>` for characters without a token; `nil` where bytes are no fallback.
    let fallbackIDs: [Int32?]?
    let unknownID: Int32?
    let unknownToken: String?
    /// Whether neighbouring unknown characters become one token.
    let fusesUnknown: Bool
    /// Where a piece that is a token needs no merging: tokens by their text, and by the bytes they stand for.
    let wholeTokens: (byText: Vocabulary, byBytes: Vocabulary)?
    /// Whether no merge joins a word to the `▁` that starts the next, so that words can be merged one by one.
    let wordsAreSeparate: Bool

    /// Appends the tokens of a piece to `output`.
    ///
    /// - Parameter isByteLevel: each byte stands for its character of the ``ByteAlphabet``; needs ``byteIDs``.
    func encode(
        _ piece: Range<Int>, of text: UnsafeBufferPointer<UInt8>, isByteLevel: Bool, symbols: inout TokenSymbols,
        _ output: (Int32, Range<Int>) -> Void
    ) throws(Diagnostic) {
        let bytes = text.part(piece)
        if let wholeTokens {
            let whole = isByteLevel ? wholeTokens.byBytes : wholeTokens.byText
            if let id = whole.id(of: bytes) { return output(id, piece) }
        }
        if isByteLevel || !wordsAreSeparate {
            return try encodeWord(piece, of: text, isByteLevel: isByteLevel, symbols: &symbols, output)
        }
        var start = piece.lowerBound
        while start < piece.upperBound {
            let end = Self.endOfWord(in: text, from: start, upTo: piece.upperBound)
            try encodeWord(start..<end, of: text, isByteLevel: false, symbols: &symbols, output)
            start = end
        }
    }

    private func encodeWord(
        _ word: Range<Int>, of text: UnsafeBufferPointer<UInt8>, isByteLevel: Bool, symbols: inout TokenSymbols,
        _ output: (Int32, Range<Int>) -> Void
    ) throws(Diagnostic) {
        symbols.removeAll()
        if isByteLevel, let byteIDs {
            for position in word { symbols.append(byteIDs[Int(text[position])], length: 1) }
        } else {
            try appendCharacters(of: text.part(word), to: &symbols)
        }
        symbols.merge(by: merges)
        var start = word.lowerBound
        for (id, length) in zip(symbols.ids, symbols.lengths) {
            output(id, start..<start + Int(length))
            start += Int(length)
        }
    }

    /// `▁` in UTF-8.
    static let wordStart: [UInt8] = [0xE2, 0x96, 0x81]

    /// The next place where a `▁` follows something else.
    private static func endOfWord(in text: UnsafeBufferPointer<UInt8>, from start: Int, upTo end: Int) -> Int {
        var position = start
        while position < end, isWordStart(in: text, at: position, upTo: end) { position += 3 }
        while position < end, !isWordStart(in: text, at: position, upTo: end) { position += 1 }
        return position
    }

    @inline(__always)
    private static func isWordStart(in text: UnsafeBufferPointer<UInt8>, at position: Int, upTo end: Int) -> Bool {
        position + 3 <= end && text[position] == 0xE2 && text[position + 1] == 0x96 && text[position + 2] == 0x81
    }
}

// MARK: - Characters

extension BytePairModel {
    private func appendCharacters(
        of word: UnsafeBufferPointer<UInt8>, to symbols: inout TokenSymbols
    ) throws(Diagnostic) {
        var position = 0
        var unknownLength = 0
        while position < word.count {
            let length = word.scalarLength(at: position)
            if let id = characterID(in: word, at: position, length: length) {
                flush(&unknownLength, to: &symbols)
                symbols.append(id, length: length)
            } else if !appendFallback(word.part(position..<position + length), to: &symbols) {
                guard unknownID != nil else { throw Self.missing(word.scalar(at: position).scalar) }
                if !fusesUnknown { flush(&unknownLength, to: &symbols) }
                unknownLength += length
            }
            position += length
        }
        flush(&unknownLength, to: &symbols)
    }

    @inline(__always)
    private func characterID(in word: UnsafeBufferPointer<UInt8>, at position: Int, length: Int) -> Int32? {
        if length == 1 {
            let id = asciiIDs[Int(word[position] & 0x7F)]
            return id < 0 ? nil : id
        }
        return vocabulary.id(of: word.part(position..<position + length))
    }

    private func flush(_ length: inout Int, to symbols: inout TokenSymbols) {
        guard length > 0, let unknownID else { return }
        symbols.append(unknownID, length: length)
        length = 0
    }

    /// Appends a character as tokens of its bytes.
    ///
    /// - Returns: whether all its bytes have tokens.
    private func appendFallback(_ character: UnsafeBufferPointer<UInt8>, to symbols: inout TokenSymbols) -> Bool {
        guard let fallbackIDs, character.allSatisfy({ fallbackIDs[Int($0)] != nil }) else { return false }
        for byte in character {
            if let id = fallbackIDs[Int(byte)] { symbols.append(id, length: 1) }
        }
        return true
    }

    private static func missing(_ scalar: Unicode.Scalar) -> Diagnostic {
        let code = String(scalar.value, radix: 16, uppercase: true)
        return Diagnostic(
            .badData, "the tokenizer has no token for the character U+\(code), nor one for unknown characters",
            remedy: "Remove the character, or use a tokenizer that covers it")
    }
}
