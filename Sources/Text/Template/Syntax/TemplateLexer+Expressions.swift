import Diagnostics

/// What stands within `{{ }}` and `{% %}`.
extension TemplateLexer {
    mutating func readVariable() throws(Diagnostic) {
        emit(.variableBegin)
        while position < source.count {
            if openBrackets.isEmpty, let end = variableEnd() {
                emit(.variableEnd)
                return advance(to: end)
            }
            try readToken()
        }
    }

    private func variableEnd() -> Int? {
        if matches("-}}", at: position) { return end(after: position + 3, sign: "-", trimsNewline: false) }
        return matches("}}", at: position) ? position + 2 : nil
    }

    mutating func readBlock() throws(Diagnostic) {
        emit(.blockBegin)
        while position < source.count {
            if openBrackets.isEmpty, let end = blockEnd(at: position) {
                emit(.blockEnd)
                return advance(to: end)
            }
            try readToken()
        }
    }

    private mutating func readToken() throws(Diagnostic) {
        let first = source[position]
        if first.isPythonSpace { return advance(to: skipSpace(from: position)) }
        if ("0"..."9").contains(first) { return try readNumber() }
        if first == "'" || first == "\"" { return try readString(first) }
        if first == "_" || first.properties.isXIDContinue { return try readName() }
        try readSign()
    }

    private mutating func readName() throws(Diagnostic) {
        let end = source[position...].firstIndex { $0 != "_" && !$0.properties.isXIDContinue } ?? source.count
        let name = TemplateString(source[position..<end]).text
        guard name.unicodeScalars.isPythonIdentifier else { throw failure("'\(name)' is not a name") }
        emit(.name(name))
        advance(to: end)
    }

    private static let longSigns = ["//", "**", "==", "!=", ">=", "<="]
    private static let signs = Set("+-/*%~[](){}><=.:|,;".unicodeScalars)
    private static let closing: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]

    private mutating func readSign() throws(Diagnostic) {
        if let sign = Self.longSigns.first(where: { matches($0, at: position) }) {
            emit(.sign(sign))
            return advance(to: position + 2)
        }
        let sign = source[position]
        guard Self.signs.contains(sign) else { throw failure("'\(sign)' is unexpected") }
        if let closing = Self.closing[sign] { openBrackets.append(closing) }
        if sign == ")" || sign == "]" || sign == "}" {
            guard openBrackets.popLast() == sign else { throw failure("'\(sign)' is unexpected") }
        }
        emit(.sign(String(sign)))
        advance(to: position + 1)
    }

    func failure(_ message: String) -> Diagnostic { .template(message, line: line) }
}

/// Numbers.
extension TemplateLexer {
    private mutating func readNumber() throws(Diagnostic) {
        let isAfterPoint = position > 0 && source[position - 1] == "."
        if !isAfterPoint, let end = floatEnd() {
            guard let value = Double(digits(position..<end)) else { throw failure("this is not a number") }
            emit(.float(value))
            return advance(to: end)
        }
        let (radix, start, end) = integerSpan()
        guard let value = Int(digits(start..<end), radix: radix) else {
            throw failure("an integer is larger than 64 bits hold")
        }
        emit(.integer(value))
        advance(to: end)
    }

    private func digits(_ range: Range<Int>) -> String { TemplateString(source[range].filter { $0 != "_" }).text }

    /// Where a float ends, if one begins here: digits, then a fraction, an exponent, or both.
    private func floatEnd() -> Int? {
        let whole = digitsEnd(from: position) { ("0"..."9").contains($0) }
        var end = whole
        if end < source.count, source[end] == ".", isDigit(at: end + 1) {
            end = digitsEnd(from: end + 1) { ("0"..."9").contains($0) }
        }
        if let exponent = exponentEnd(from: end) { end = exponent }
        return end > whole ? end : nil
    }

    private func exponentEnd(from index: Int) -> Int? {
        guard index < source.count, source[index] == "e" || source[index] == "E" else { return nil }
        let isSigned = index + 1 < source.count && (source[index + 1] == "+" || source[index + 1] == "-")
        let start = index + (isSigned ? 2 : 1)
        return isDigit(at: start) ? digitsEnd(from: start) { ("0"..."9").contains($0) } : nil
    }

    private func isDigit(at index: Int) -> Bool { index < source.count && ("0"..."9").contains(source[index]) }

    /// Where digits end that begin at `index`; single underscores may stand between them.
    private func digitsEnd(from index: Int, _ isDigit: (Unicode.Scalar) -> Bool) -> Int {
        var end = index
        while end < source.count {
            if isDigit(source[end]) {
                end += 1
            } else if source[end] == "_", end + 1 < source.count, isDigit(source[end + 1]) {
                end += 2
            } else {
                break
            }
        }
        return end
    }

    private func integerSpan() -> (radix: Int, start: Int, end: Int) {
        guard source[position] == "0" else {
            return (10, position, digitsEnd(from: position) { ("0"..."9").contains($0) })
        }
        let letter = position + 1 < source.count ? source[position + 1] : " "
        for (radix, letters) in [(2, "bB"), (8, "oO"), (16, "xX")] where letters.unicodeScalars.contains(letter) {
            let end = digitsEnd(from: position + 2) {
                Character($0).hexDigitValue.map { $0 < radix } ?? false && $0.isASCII
            }
            if end > position + 2 { return (radix, position + 2, end) }
        }
        return (10, position, digitsEnd(from: position) { $0 == "0" })
    }
}
