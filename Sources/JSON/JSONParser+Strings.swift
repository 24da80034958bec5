import Diagnostics

extension JSONParser {
    /// Parses a string; plain runs are validated and copied whole, escapes are decoded one by one.
    mutating func parseString() throws(Diagnostic) -> String {
        position += 1
        let prefix = try parsePlainRun()
        if consume("\"") { return prefix }
        return try parseEscapedString(prefix: prefix)
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
                text += try parsePlainRun()
            }
        }
        throw failure("the text ends inside a string")
    }

    /// What stands before the next quote, escape or control character.
    private mutating func parsePlainRun() throws(Diagnostic) -> String {
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        let run = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard let text = String(validating: run, as: UTF8.self) else { throw failure("it is not UTF-8") }
        return text
    }

    private mutating func parseEscape() throws(Diagnostic) -> Unicode.Scalar {
        guard let byte = current else { throw failure("the text ends inside an escape") }
        guard let scalar = Self.scalar(ofEscape: byte) else {
            guard byte == UInt8(ascii: "u") else { throw failure("\\ and \(name(of: byte)) are not an escape") }
            position += 1
            return try parseUnicodeEscape()
        }
        position += 1
        return scalar
    }

    private static func scalar(ofEscape byte: UInt8) -> Unicode.Scalar? {
        switch byte {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
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
            guard let digit = Self.hexDigitValue(bytes[position]) else {
                throw failure("\\u should be followed by four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private static func hexDigitValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
