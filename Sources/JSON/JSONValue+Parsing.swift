import Diagnostics
import OrderedCollections

extension JSONValue {
    /// What the parser accepts beyond RFC 8259, and how deep it goes.
    public struct ParsingOptions: Sendable {
        /// Accept `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes.
        public var allowsNonFiniteNumbers = false
        /// Nesting beyond this is an error, so that hostile input cannot exhaust the stack.
        public var maximumDepth = 256

        public init(allowsNonFiniteNumbers: Bool = false) { self.allowsNonFiniteNumbers = allowsNonFiniteNumbers }
    }

    /// Parses one JSON document. Of repeated keys the last counts, as in Python.
    ///
    /// - Throws: a `badData` diagnostic with the line, counted from 1 within `bytes`, and the column.
    public init(parsing bytes: some Sequence<UInt8>, options: ParsingOptions = ParsingOptions()) throws(Diagnostic) {
        let buffer = ContiguousArray(bytes)
        let result: Result<JSONValue, Diagnostic> = buffer.withUnsafeBufferPointer { pointer in
            var parser = JSONParser(bytes: pointer, options: options)
            do throws(Diagnostic) { return .success(try parser.parseDocument()) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    public init(parsing text: String, options: ParsingOptions = ParsingOptions()) throws(Diagnostic) {
        try self.init(parsing: text.utf8, options: options)
    }
}

private struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let options: JSONValue.ParsingOptions
    private var position = 0
    private var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, options: JSONValue.ParsingOptions) {
        self.bytes = bytes
        self.options = options
    }

    mutating func parseDocument() throws(Diagnostic) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipWhitespace()
        guard position < bytes.count else { throw failure("the document is empty") }
        let value = try parseValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure("there is more text after the end of the value") }
        return value
    }

    private mutating func parseValue() throws(Diagnostic) -> JSONValue {
        guard let byte = current else { throw failure("the text ends where a value should be") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(Diagnostic) in try parser.parseObject() }
        case UInt8(ascii: "["): return try nested { (parser) throws(Diagnostic) in try parser.parseArray() }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        case UInt8(ascii: "N") where options.allowsNonFiniteNumbers: return try parseWord("NaN", as: .number(.nan))
        case UInt8(ascii: "I") where options.allowsNonFiniteNumbers:
            return try parseWord("Infinity", as: .number(.infinity))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure("a value cannot start with \(name(of: byte))")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(Diagnostic) -> JSONValue
    ) throws(Diagnostic) -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= options.maximumDepth else {
            throw failure("values are nested more than \(options.maximumDepth) deep")
        }
        position += 1
        skipWhitespace()
        return try body(&self)
    }

    private mutating func parseObject() throws(Diagnostic) -> JSONValue {
        var members: OrderedDictionary<String, JSONValue> = [:]
        if consume("}") { return .object(members) }
        while true {
            guard current == UInt8(ascii: "\"") else { throw failure("a key in quotes should be here") }
            let key = try parseString()
            skipWhitespace()
            guard consume(":") else { throw failure("a colon should follow the key '\(key.prefix(40))'") }
            skipWhitespace()
            members[key] = try parseValue()
            skipWhitespace()
            if consume("}") { return .object(members) }
            guard consume(",") else { throw failure("a comma or a closing brace should be here") }
            skipWhitespace()
        }
    }

    private mutating func parseArray() throws(Diagnostic) -> JSONValue {
        var elements: [JSONValue] = []
        if consume("]") { return .array(elements) }
        while true {
            elements.append(try parseValue())
            skipWhitespace()
            if consume("]") { return .array(elements) }
            guard consume(",") else { throw failure("a comma or a closing bracket should be here") }
            skipWhitespace()
        }
    }

    private mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(Diagnostic) -> JSONValue {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw failure("this is not the word '\(word)'") }
        position += length
        return value
    }

    private mutating func parseNumber() throws(Diagnostic) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if options.allowsNonFiniteNumbers, current == UInt8(ascii: "I") {
            return try parseWord("Infinity", as: .number(-.infinity))
        }
        let firstDigit = position
        guard skipDigits() > 0 else { throw failure("digits should follow the minus sign") }
        if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
            throw failure("a number has a leading zero")
        }
        var isIntegral = true
        if current == UInt8(ascii: ".") {
            isIntegral = false
            position += 1
            guard skipDigits() > 0 else { throw failure("digits should follow the decimal point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isIntegral = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw failure("digits should follow the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isIntegral, let value = Int(text) { return .integer(value) }
        guard let value = Double(text) else { throw failure("'\(text.prefix(40))' is not a number") }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    /// Parses a string; plain runs are validated and copied whole, escapes are decoded one by one.
    private mutating func parseString() throws(Diagnostic) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if current == UInt8(ascii: "\"") {
            let text = try decode(start..<position)
            position += 1
            return text
        }
        return try parseEscapedString(prefix: try decode(start..<position))
    }

    private mutating func parseEscapedString(prefix: String) throws(Diagnostic) -> String {
        var text = prefix
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                text.unicodeScalars.append(try parseEscape())
            case 0..<0x20:
                throw failure("a control character stands in a string unescaped")
            default:
                let start = position
                while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                    position += 1
                }
                text += try decode(start..<position)
            }
        }
        throw failure("the text ends inside a string")
    }

    private func decode(_ range: Range<Int>) throws(Diagnostic) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw failure("the text is not valid UTF-8")
        }
        return text
    }

    private mutating func parseEscape() throws(Diagnostic) -> Unicode.Scalar {
        guard let byte = current else { throw failure("the text ends inside an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default: throw failure("\\\(name(of: byte)) is not an escape")
        }
    }

    /// A `\u` escape; a surrogate pair makes one scalar, a lone surrogate becomes U+FFFD since no string can hold it.
    private mutating func parseUnicodeEscape() throws(Diagnostic) -> Unicode.Scalar {
        let first = try parseHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let mark = position
        guard first < 0xDC00, consume("\\"), consume("u") else {
            position = mark
            return "\u{FFFD}"
        }
        let second = try parseHexDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            position = mark
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func parseHexDigits() throws(Diagnostic) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("the text ends inside an escape") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure("\\u should be followed by four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func name(of byte: UInt8) -> String {
        (0x21..<0x7F).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    }

    private func failure(_ message: String) -> Diagnostic {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return Diagnostic(
            .badData, "not valid JSON: \(message) (column \(column))", at: .init(line: line),
            remedy: "Correct the text there")
    }
}
