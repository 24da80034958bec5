/// A finite number as decimal digits: 0.d₁d₂d₃… × 10^``exponent``, no leading and no trailing zeros.
///
/// Rounding works on the shortest digits that read back as the same double, so 2.675 rounds to 2.68 as a reader expects.
struct DecimalDigits: Equatable {
    private(set) var isNegative: Bool
    private(set) var digits: [UInt8]
    private(set) var exponent: Int

    var isZero: Bool { digits.isEmpty }

    /// - Parameter value: finite.
    init(_ value: Double) {
        let parts = value.magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        self.init(
            isNegative: value < 0, digits: mantissa.joined().utf8.map { $0 - UInt8(ascii: "0") },
            exponent: mantissa[0].utf8.count + power)
    }

    /// `integer` × 10^`power`.
    init(integer: Int, power: Int) {
        let text = String(integer.magnitude)
        self.init(
            isNegative: integer < 0, digits: text.utf8.map { $0 - UInt8(ascii: "0") },
            exponent: text.utf8.count + power)
    }

    private init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        let leading = digits.prefix { $0 == 0 }.count
        let significant = digits.dropFirst(leading)
        let trailing = significant.reversed().prefix { $0 == 0 }.count
        self.digits = Array(significant.dropLast(trailing))
        self.isNegative = isNegative && !self.digits.isEmpty
        self.exponent = self.digits.isEmpty ? 0 : exponent - leading
    }

    /// Rounded to so many significant digits, halves away from zero.
    func rounded(significant: Int) -> DecimalDigits { keeping(significant) }

    /// Rounded to so many digits behind the point, halves away from zero.
    func rounded(decimals: Int) -> DecimalDigits { keeping(exponent + decimals) }

    private func keeping(_ count: Int) -> DecimalDigits {
        guard count < digits.count else { return self }
        guard count >= 0 else { return DecimalDigits(isNegative: false, digits: [], exponent: 0) }
        var kept = [0] + digits.prefix(count)
        var place = digits[count] >= 5 ? kept.count - 1 : -1
        while place >= 0 {
            kept[place] += 1
            guard kept[place] == 10 else { break }
            kept[place] = 0
            place -= 1
        }
        return DecimalDigits(isNegative: isNegative, digits: kept, exponent: exponent + 1)
    }

    /// The number divided by 10^`power`.
    func shifted(by power: Int) -> DecimalDigits {
        DecimalDigits(isNegative: isNegative, digits: digits, exponent: exponent - power)
    }

    /// With a true minus sign, thousands set apart by commas, and exactly so many digits behind the point.
    func fixed(decimals: Int) -> String {
        let number = rounded(decimals: decimals)
        let whole = Self.grouped((0..<max(number.exponent, 1)).map { number.exponent > 0 ? number.digit(at: $0) : 0 })
        let fraction = (0..<max(decimals, 0)).map { number.digit(at: number.exponent + $0) }.map(String.init).joined()
        return (number.isNegative ? "−" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    private func digit(at place: Int) -> UInt8 { digits.indices.contains(place) ? digits[place] : 0 }

    private static func grouped(_ digits: [UInt8]) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text += String(digit)
        }
        return text
    }
}
