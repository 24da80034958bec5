import Diagnostics

/// A stretch of text on its way to the model: split into pieces that the model sees one by one.
struct PreTokenizedText {
    var text: NormalizedText
    /// The pieces, in order; none is empty.
    var pieces: [Range<Int>]
    /// Whether the model takes each byte for its character of the ``ByteAlphabet``.
    var isByteLevel = false

    init(_ text: NormalizedText) {
        self.text = text
        pieces = text.bytes.isEmpty ? [] : [0..<text.bytes.count]
    }
}

/// Splits text into the pieces inside which tokens are made.
indirect enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case split(TextPattern, SplitBehavior, isInverted: Bool)
    /// Splits by GPT-2's pattern, where there is one, then names each byte by a character.
    case byteLevel(addsPrefixSpace: Bool, pattern: TextPattern?)
    case metaspace(Metaspace)

    /// - Parameter isLast: nothing follows, so bytes can stay bytes instead of becoming characters of the alphabet.
    func apply(to input: inout PreTokenizedText, isLast: Bool) throws(Diagnostic) {
        switch self {
        case .sequence(let steps):
            for (index, step) in steps.enumerated() {
                try step.apply(to: &input, isLast: isLast && index == steps.count - 1)
            }
        case .split(let pattern, let behavior, let isInverted):
            try input.split(pattern, behavior, isInverted: isInverted)
        case .byteLevel(let addsPrefixSpace, let pattern):
            if addsPrefixSpace { input.prepend([0x20]) }
            if let pattern { try input.split(pattern, .isolated, isInverted: false) }
            if isLast { input.isByteLevel = true } else { input.spellBytes() }
        case .metaspace(let metaspace): try metaspace.apply(to: &input)
        }
    }
}

extension PreTokenizedText {
    /// Splits every piece by a pattern.
    mutating func split(_ pattern: TextPattern, _ behavior: SplitBehavior, isInverted: Bool) throws(Diagnostic) {
        let search = try TextSearch(pattern, size: text.bytes.count)
        let pieces = pieces
        self.pieces = try text.bytes.withUnsafeBufferPointer { (bytes) throws(Diagnostic) in
            var result: [Range<Int>] = []
            result.reserveCapacity(pieces.count == 1 ? bytes.count / 4 + 1 : pieces.count)
            for piece in pieces {
                let segments = try Self.segments(of: piece, in: bytes, search, isInverted: isInverted)
                for part in behavior.pieces(of: segments) where !part.isEmpty { result.append(part) }
            }
            return result
        }
    }

    private static func segments(
        of piece: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, _ search: TextSearch, isInverted: Bool
    ) throws(Diagnostic) -> [SplitSegment] {
        var segments: [SplitSegment] = []
        var end = piece.lowerBound
        try search.forEachMatch(in: bytes.part(piece)) { match in
            let (lower, upper) = (piece.lowerBound + match.lowerBound, piece.lowerBound + match.upperBound)
            if end < lower { segments.append(SplitSegment(range: end..<lower, isMatch: isInverted)) }
            segments.append(SplitSegment(range: lower..<upper, isMatch: !isInverted))
            end = upper
        }
        if end < piece.upperBound {
            segments.append(SplitSegment(range: end..<piece.upperBound, isMatch: isInverted))
        }
        return segments
    }

    /// Puts a prefix before every piece that does not start with it and that `condition` holds for.
    mutating func prepend(_ prefix: [UInt8], where condition: (Range<Int>) -> Bool = { _ in true }) {
        let needed = pieces.map { !text.bytes[$0].starts(with: prefix) && condition($0) }
        guard needed.contains(true) else { return }
        rewrite { writer, index, piece in
            if needed[index] { writer.append(prefix, for: piece.lowerBound..<piece.lowerBound + 1) }
            writer.copy(piece)
        }
    }

    /// Turns every byte into its character of the alphabet.
    mutating func spellBytes() {
        let bytes = text.bytes
        rewrite { writer, _, piece in
            for position in piece {
                writer.append(ByteAlphabet.encodings[Int(bytes[position])], for: position..<position + 1)
            }
        }
    }

    /// Writes every piece anew.
    mutating func rewrite(_ body: (inout NormalizedTextWriter, Int, Range<Int>) -> Void) {
        var writer = NormalizedTextWriter(text)
        for (index, piece) in pieces.enumerated() {
            let start = writer.count
            body(&writer, index, piece)
            pieces[index] = start..<writer.count
        }
        text = writer.finish()
    }
}
