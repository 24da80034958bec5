import Diagnostics

/// A parser of one document. It keeps the arrays and objects that are open in a list of its own, so that nesting uses no
/// stack.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let options: JSONValue.ParsingOptions
    var position = 0
    private var open: [Container] = []

    init(bytes: UnsafeBufferPointer<UInt8>, options: JSONValue.ParsingOptions) {
        self.bytes = bytes
        self.options = options
    }

    mutating func parseDocument() throws(Diagnostic) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipWhitespace()
        guard position < bytes.count else { throw failure("the document is empty") }
        let value = try parseValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure("there is more text after the end of the value") }
        return value
    }

    private mutating func parseValue() throws(Diagnostic) -> JSONValue {
        while true {
            guard let value = try parseScalarOrOpen() else { continue }
            if let whole = try close(with: value) { return whole }
        }
    }

    /// A scalar, an empty container, or `nil` where a container was opened and its first value comes next.
    private mutating func parseScalarOrOpen() throws(Diagnostic) -> JSONValue? {
        guard let byte = current else { throw failure("the text ends where a value should be") }
        switch byte {
        case UInt8(ascii: "{"):
            try openContainer()
            if consume("}") { return .object(JSONObject()) }
            open.append(Container(key: try parseKey()))
            return nil
        case UInt8(ascii: "["):
            try openContainer()
            if consume("]") { return .array([]) }
            open.append(Container(key: nil))
            return nil
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: return try parseWord(startingWith: byte)
        }
    }

    /// Steps over an opening bracket or brace and the white space behind it.
    private mutating func openContainer() throws(Diagnostic) {
        guard open.count < options.maximumDepth else {
            throw failure("values are nested more than \(options.maximumDepth) deep")
        }
        position += 1
        skipWhitespace()
    }

    /// Puts a value where it belongs and closes every container that ends behind it.
    ///
    /// - Returns: the whole document's value, or `nil` where another value comes next.
    private mutating func close(with value: JSONValue) throws(Diagnostic) -> JSONValue? {
        var value = value
        while !open.isEmpty {
            let isArray = open[open.count - 1].append(value)
            skipWhitespace()
            if consume(",") {
                skipWhitespace()
                if !isArray { open[open.count - 1].key = try parseKey() }
                return nil
            }
            guard consume(isArray ? "]" : "}") else {
                throw failure("a comma or a closing \(isArray ? "bracket" : "brace") should be here")
            }
            value = open.removeLast().value
        }
        return value
    }

    private mutating func parseWord(startingWith byte: UInt8) throws(Diagnostic) -> JSONValue {
        switch byte {
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        case UInt8(ascii: "N") where options.allowsNonFiniteNumbers: return try parseWord("NaN", as: .number(.nan))
        case UInt8(ascii: "I") where options.allowsNonFiniteNumbers:
            return try parseWord("Infinity", as: .number(.infinity))
        default: throw failure("a value cannot start with \(name(of: byte))")
        }
    }

    mutating func parseWord(_ word: StaticString, as value: JSONValue) throws(Diagnostic) -> JSONValue {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw failure("this is not the word '\(word)'") }
        position += length
        return value
    }

    /// A key, its colon and the white space around it.
    private mutating func parseKey() throws(Diagnostic) -> String {
        guard current == UInt8(ascii: "\"") else { throw failure("a key in quotes should be here") }
        let key = try parseString()
        skipWhitespace()
        guard consume(":") else { throw failure("a colon should follow the key '\(key.prefix(40))'") }
        skipWhitespace()
        return key
    }
}

/// An array or object whose end has not been reached.
private struct Container {
    /// The key whose value comes next; `nil` in an array.
    var key: String?
    private var elements: [JSONValue] = []
    private var members = JSONObject()

    init(key: String?) { self.key = key }

    /// Returns whether this is an array.
    mutating func append(_ value: JSONValue) -> Bool {
        guard let key else {
            elements.append(value)
            return true
        }
        members.updateValue(value, forKey: key)
        return false
    }

    var value: JSONValue { key == nil ? .array(elements) : .object(members) }
}

extension JSONParser {
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    func name(of byte: UInt8) -> String {
        (0x21..<0x7F).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    }

    /// A diagnostic at the current position; where the text is not UTF-8 up to there, that is what it says.
    func failure(_ message: String) -> Diagnostic {
        let end = min(position + 4, bytes.count)
        let invalid = UTF8Validation.firstInvalid(in: bytes[..<end], isTruncated: end < bytes.count)
        if let invalid, invalid <= position {
            return failure("it is not UTF-8", at: invalid, remedy: "Save the text as UTF-8")
        }
        return failure(message, at: position, remedy: "Correct the text there")
    }

    private func failure(_ message: String, at position: Int, remedy: String) -> Diagnostic {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return Diagnostic(
            .badData, "not valid JSON: \(message) (column \(column))", at: .init(line: line), remedy: remedy)
    }
}
