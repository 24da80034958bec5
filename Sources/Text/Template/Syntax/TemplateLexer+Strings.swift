import Diagnostics

/// Strings, with Python's escapes.
extension TemplateLexer {
    mutating func readString(_ quote: Unicode.Scalar) throws(Diagnostic) {
        var end = position + 1
        while end < source.count, source[end] != quote { end += source[end] == "\\" ? 2 : 1 }
        guard end < source.count else { throw failure("a string lacks its closing quote") }
        let content = source[(position + 1)..<end]
        let text = content.contains("\\") ? try unescaped(Self.expanded(content)) : TemplateString(content).text
        emit(.string(text))
        advance(to: end + 1)
    }

    /// Code points beyond ASCII as escapes. jinja2 goes this way round, so a backslash before one quotes the backslash
    /// of its escape.
    private static func expanded(_ content: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        content.flatMap { $0.isASCII ? [$0] : Array($0.pythonEscape.unicodeScalars) }
    }

    private func unescaped(_ content: [Unicode.Scalar]) throws(Diagnostic) -> String {
        var output = ""
        var rest = content[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let mark = rest.popFirst() else {
                output.unicodeScalars.append(scalar)
                continue
            }
            try appendEscape(mark, &rest, to: &output)
        }
        return output
    }

    private static let plainEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{B}",
    ]

    private func appendEscape(
        _ mark: Unicode.Scalar, _ rest: inout ArraySlice<Unicode.Scalar>, to output: inout String
    ) throws(Diagnostic) {
        if let plain = Self.plainEscapes[mark] { return output.unicodeScalars.append(plain) }
        switch mark {
        case "\n": break
        case "0"..."7":
            let digits = [mark] + rest.prefix(2).prefix { ("0"..."7").contains($0) }
            rest = rest.dropFirst(digits.count - 1)
            output.unicodeScalars.append(try scalar(digits, radix: 8))
        case "x", "u", "U":
            let width = mark == "x" ? 2 : mark == "u" ? 4 : 8
            let digits = rest.prefix(width)
            guard digits.count == width else { throw failure("an escape in a string is cut short") }
            rest = rest.dropFirst(width)
            output.unicodeScalars.append(try scalar(digits, radix: 16))
        case "N": throw .unsupported("the escape \\N in a string", line: line)
        default: output += "\\\(mark)"
        }
    }

    private func scalar(_ digits: some Sequence<Unicode.Scalar>, radix: UInt32) throws(Diagnostic) -> Unicode.Scalar {
        var value: UInt32 = 0
        for digit in digits {
            guard let number = Character(digit).hexDigitValue, digit.isASCII, value < 1 << 24 else {
                throw failure("an escape in a string is not a number")
            }
            value = value * radix + UInt32(number)
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("an escape in a string names no character") }
        return scalar
    }
}
