import Diagnostics

extension JSONParser {
    mutating func parseNumber() throws(Diagnostic) -> JSONValue {
        let start = position
        let isNegative = consume("-")
        if isNegative, options.allowsNonFiniteNumbers, current == UInt8(ascii: "I") {
            return try parseWord("Infinity", as: .number(-.infinity))
        }
        try skipIntegerPart()
        let digits = start + (isNegative ? 1 : 0)..<position
        let isIntegral = try !skipFractionAndExponent()
        if isIntegral, let value = integer(digits, isNegative: isNegative) { return .integer(value) }
        return .number(try double(start..<position))
    }

    private mutating func skipIntegerPart() throws(Diagnostic) {
        let first = position
        guard skipDigits() > 0 else { throw failure("digits should follow the minus sign") }
        guard bytes[first] != UInt8(ascii: "0") || position - first == 1 else {
            position = first
            throw failure("a number has a leading zero")
        }
    }

    /// Returns whether there was a fraction or an exponent.
    private mutating func skipFractionAndExponent() throws(Diagnostic) -> Bool {
        let start = position
        if consume(".") {
            guard skipDigits() > 0 else { throw failure("digits should follow the decimal point") }
        }
        if consume("e") || consume("E") {
            if !consume("+") { _ = consume("-") }
            guard skipDigits() > 0 else { throw failure("digits should follow the exponent") }
        }
        return position > start
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    /// The integer that the digits spell, or `nil` where 64 bits do not hold it.
    private func integer(_ digits: Range<Int>, isNegative: Bool) -> Int? {
        var value = 0
        for byte in bytes[digits] {
            let digit = Int(byte - UInt8(ascii: "0"))
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !overflows, !overflowsToo else { return nil }
            value = sum
        }
        return value
    }

    private func double(_ range: Range<Int>) throws(Diagnostic) -> Double {
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard let value = Double(text) else { throw failure("'\(text.prefix(40))' is not a number") }
        guard value.isFinite || options.allowsNonFiniteNumbers else {
            throw failure("the number \(text.prefix(40)) is beyond the range of a double")
        }
        return value
    }
}
