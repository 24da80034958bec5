/// Evaluates what a calculator annotation holds: decimals, `+ - * /`, signs and parentheses, with white space anywhere. `$` and
/// the commas of grouped digits are passed over; a `%` after a value divides it by 100.
struct ArithmeticExpression {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Parentheses and signs within each other, at most.
    private static let maximumDepth = 100

    /// The value; `nil` where the text is no such expression, or its value is not finite.
    static func value(of text: some Sequence<UInt8>) -> Double? {
        var expression = ArithmeticExpression(text)
        guard let value = expression.sum(), expression.position == expression.bytes.count, value.isFinite else {
            return nil
        }
        return value
    }

    private init(_ text: some Sequence<UInt8>) {
        bytes = text.filter { ![0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "$"), UInt8(ascii: ",")].contains($0) }
    }

    private mutating func sum() -> Double? {
        guard var value = product() else { return nil }
        while let sign = take("+-") {
            guard let term = product() else { return nil }
            value = sign == UInt8(ascii: "+") ? value + term : value - term
        }
        return value
    }

    private mutating func product() -> Double? {
        guard var value = factor() else { return nil }
        while let sign = take("*/") {
            guard let term = factor() else { return nil }
            value = sign == UInt8(ascii: "*") ? value * term : value / term
        }
        return value
    }

    private mutating func factor() -> Double? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { return nil }
        if let sign = take("+-") { return factor().map { sign == UInt8(ascii: "-") ? -$0 : $0 } }
        guard var value = take("(") == nil ? number() : parenthesised() else { return nil }
        while take("%") != nil { value /= 100 }
        return value
    }

    private mutating func parenthesised() -> Double? {
        guard let value = sum(), take(")") != nil else { return nil }
        return value
    }

    private mutating func number() -> Double? {
        let start = position
        while position < bytes.count, Self.isPartOfNumber(bytes[position]) { position += 1 }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
    }

    private mutating func take(_ signs: StaticString) -> UInt8? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        guard (0..<signs.utf8CodeUnitCount).contains(where: { signs.utf8Start[$0] == byte }) else { return nil }
        position += 1
        return byte
    }
}
