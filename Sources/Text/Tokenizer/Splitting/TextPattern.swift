import Diagnostics

/// What a tokenizer looks for in a text.
enum TextPattern: Sendable {
    /// These bytes, which are not empty.
    case literal([UInt8])
    case expression(RegularExpression)
    /// Each scalar of a kind.
    case scalars(ScalarClass)
    /// Each longest run of word characters, or of characters that are neither those nor white space.
    case words

    /// A pattern as JSON writes it: `{"String": …}` or `{"Regex": …}`.
    init(_ field: TokenizerField) throws(Diagnostic) {
        if let literal = field["String"] {
            let text = try literal.string()
            self = text.isEmpty ? .expression(try Self.compile("", at: literal)) : .literal(Array(text.utf8))
        } else if let pattern = field["Regex"] {
            self = .expression(try Self.compile(try pattern.string(), at: pattern))
        } else {
            throw field.failure("a pattern is an object with 'String' or 'Regex'")
        }
    }

    private static func compile(_ pattern: String, at field: TokenizerField) throws(Diagnostic) -> RegularExpression {
        do throws(Diagnostic) {
            return try RegularExpression(oniguruma: pattern)
        } catch {
            throw error.located(file: field.file, field: field.path)
        }
    }
}

/// Kinds of scalars that pre-tokenizers split on.
enum ScalarClass: Sendable {
    case numeric, punctuation, whiteSpace
    case exactly(Unicode.Scalar)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .numeric: scalar.isNumber
        case .punctuation: scalar.isPunctuationOrASCIISymbol
        case .whiteSpace: scalar.properties.isWhitespace
        case .exactly(let wanted): scalar == wanted
        }
    }
}

extension Unicode.Scalar {
    var isNumber: Bool {
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// Whether this is an ASCII symbol, or punctuation as the reference's table, which is of Unicode 8, has it.
    var isPunctuationOrASCIISymbol: Bool {
        if isASCII { return (0x21...0x7E).contains(value) && !properties.isAlphabetic && !isNumber }
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return isAssigned(inUnicode: 8)
        default:
            // Two marks that have ceased to be punctuation since.
            return value == 0x166D || value == 0x111C9
        }
    }

    /// Whether this belongs to a word as Unicode's regular expressions define it (UTS 18, annex C), in Unicode 16 as the
    /// reference has it.
    var isWordCharacter: Bool {
        if isASCII { return properties.isAlphabetic || isNumber || self == "_" }
        return isWordCharacterNow && isAssigned(inUnicode: 16)
    }

    private var isWordCharacterNow: Bool {
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }

    private func isAssigned(inUnicode version: Int) -> Bool {
        properties.age.map { ($0.major, $0.minor) <= (version, 0) } ?? false
    }
}

/// Finds a pattern in any number of texts, one after the other.
struct TextSearch {
    private let pattern: TextPattern
    private let matcher: RegularExpression.Matcher?

    /// - Parameter size: bytes of the longest text.
    init(_ pattern: TextPattern, size: Int) throws(Diagnostic) {
        self.pattern = pattern
        if case .expression(let expression) = pattern {
            matcher = try RegularExpression.Matcher(expression, size: size)
        } else {
            matcher = nil
        }
    }

    /// Calls `body` with each match in order; matches do not overlap, and may be empty.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        switch pattern {
        case .literal(let literal): try forEachMatch(of: literal, in: text, body)
        case .scalars(let kind): try forEachScalar(of: kind, in: text, body)
        case .words: try forEachWord(in: text, body)
        case .expression:
            if let matcher { try forEachMatch(of: matcher, in: text, body) }
        }
    }

    private func forEachMatch(
        of literal: [UInt8], in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        guard let first = literal.first else { return }
        var position = 0
        while position + literal.count <= text.count {
            if text[position] == first, text[position..<position + literal.count].elementsEqual(literal) {
                try body(position..<position + literal.count)
                position += literal.count
            } else {
                position += 1
            }
        }
    }

    private func forEachScalar(
        of kind: ScalarClass, in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        var position = 0
        while position < text.count {
            let (scalar, length) = text.scalar(at: position)
            if kind.contains(scalar) { try body(position..<position + length) }
            position += length
        }
    }

    private func forEachWord(
        in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        var (start, position) = (0, 0)
        var isWord: Bool?
        while position < text.count {
            let (scalar, length) = text.scalar(at: position)
            let kind: Bool? =
                scalar.isWordCharacter ? true : scalar.properties.isWhitespace ? nil : false
            if kind != isWord {
                if isWord != nil { try body(start..<position) }
                (start, isWord) = (position, kind)
            }
            position += length
        }
        if isWord != nil { try body(start..<position) }
    }

    /// An empty match right at the end of the one before does not count.
    private func forEachMatch(
        of matcher: RegularExpression.Matcher, in text: UnsafeBufferPointer<UInt8>,
        _ body: (Range<Int>) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        var position = 0
        var lastEnd: Int?
        while position <= text.count, let match = try matcher.firstMatch(in: text, from: position) {
            if match.isEmpty, match.upperBound == lastEnd {
                guard position < text.count else { return }
                position += text.scalarLength(at: position)
                continue
            }
            try body(match)
            (position, lastEnd) = (match.upperBound, match.upperBound)
        }
    }
}
