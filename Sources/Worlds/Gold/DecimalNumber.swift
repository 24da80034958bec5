/// A number as it was written in decimal, told apart exactly: `1,080.50` is `1080.5`, and neither is rounded to a double.
public struct DecimalNumber: Sendable, Hashable {
    /// Zero is not negative.
    public let isNegative: Bool
    /// Without leading zeros; empty for 0.
    public let digits: String
    /// Without trailing zeros.
    public let fraction: String

    init(isNegative: Bool, digits: some Sequence<UInt8>, fraction: some Sequence<UInt8>) {
        let zero = UInt8(ascii: "0")
        self.digits = String(decoding: Array(digits.drop { $0 == zero }), as: UTF8.self)
        self.fraction = String(decoding: Array(fraction.reversed().drop { $0 == zero }.reversed()), as: UTF8.self)
        self.isNegative = isNegative && !(self.digits.isEmpty && self.fraction.isEmpty)
    }
}

extension DecimalNumber {
    /// The number in plain decimal: `-1080.5`.
    public var text: String {
        let whole = digits.isEmpty ? "0" : digits
        return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// The answer that a solution states: the first number after its last `####`; the last number where it has no such mark.
    /// `nil` where there is none.
    public static func answer(in solution: String) -> DecimalNumber? {
        let bytes = Array(solution.utf8)
        let mark = UInt8(ascii: "#")
        let marks = bytes.indices.dropLast(3).last { bytes[$0..<$0 + 4].allSatisfy { $0 == mark } }
        guard let start = marks else { return numbers(in: bytes).last }
        return numbers(in: Array(bytes[(start + 4)...])).first
    }

    /// The numbers in a text, in order.
    ///
    /// Commas count as grouping where exactly three digits follow each; a full stop belongs to a number only before a digit. A
    /// minus directly before the number (or before its `$`) is its sign, unless it follows a letter, digit or closing bracket,
    /// where it is a subtraction. `$` and `%` are passed over.
    public static func numbers(in text: String) -> [DecimalNumber] { numbers(in: Array(text.utf8)) }

    private static func numbers(in bytes: [UInt8]) -> [DecimalNumber] {
        var scanner = DecimalScanner(bytes: bytes)
        var numbers: [DecimalNumber] = []
        while let number = scanner.next() { numbers.append(number) }
        return numbers
    }
}

/// Finds numbers from the front of a text.
private struct DecimalScanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> DecimalNumber? {
        while position < bytes.count, !startsNumber(at: position) { position += 1 }
        guard position < bytes.count else { return nil }
        let isNegative = hasSign(before: position)
        let whole = wholePart()
        return DecimalNumber(isNegative: isNegative, digits: whole, fraction: fractionPart())
    }

    private mutating func wholePart() -> [UInt8] {
        var digits = digitRun()
        guard (1...3).contains(digits.count) else { return digits }
        while byte(at: position) == UInt8(ascii: ","), isGroup(at: position + 1) {
            position += 1
            digits += digitRun()
        }
        return digits
    }

    private mutating func fractionPart() -> [UInt8] {
        guard byte(at: position) == UInt8(ascii: "."), isDigit(at: position + 1) else { return [] }
        position += 1
        return digitRun()
    }

    private mutating func digitRun() -> [UInt8] {
        let start = position
        while isDigit(at: position) { position += 1 }
        return Array(bytes[start..<position])
    }

    /// A digit, or a full stop before one (`.5`).
    private func startsNumber(at place: Int) -> Bool {
        isDigit(at: place) || byte(at: place) == UInt8(ascii: ".") && isDigit(at: place + 1)
    }

    private func isGroup(at place: Int) -> Bool {
        (0..<3).allSatisfy { isDigit(at: place + $0) } && !isDigit(at: place + 3)
    }

    private func hasSign(before place: Int) -> Bool {
        var place = place - 1
        if byte(at: place) == UInt8(ascii: "$") { place -= 1 }
        guard let width = minusWidth(endingAt: place) else { return false }
        return !endsOperand(at: place - width)
    }

    /// Bytes of a minus that ends at a place: `-`, or U+2212.
    private func minusWidth(endingAt place: Int) -> Int? {
        if byte(at: place) == UInt8(ascii: "-") { return 1 }
        let isMinusSign = place >= 2 && Array(bytes[place - 2...place]) == [0xE2, 0x88, 0x92]
        return isMinusSign ? 3 : nil
    }

    private func endsOperand(at place: Int) -> Bool {
        guard let byte = byte(at: place) else { return false }
        return switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    private func isDigit(at place: Int) -> Bool {
        byte(at: place).map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }

    private func byte(at place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }
}
