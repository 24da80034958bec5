/// Numbers as a page prints them: three significant digits, a true minus sign, no negative zero.
enum Numeral {
    static let significantDigits = 3
    static let missing = "–"

    /// A number to three significant digits; powers of ten from a million up and below a thousandth.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        let number = DecimalDigits(value).rounded(significant: significantDigits)
        if number.isZero { return "0" }
        guard (-2...6).contains(number.exponent) else { return scientific(number) }
        return number.fixed(decimals: max(0, significantDigits - number.exponent))
    }

    /// As ``text(_:)``, without zeros that only fill up the three digits: for sentences.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return special(value) }
        let number = DecimalDigits(value).rounded(significant: significantDigits)
        if number.isZero { return "0" }
        guard (-2...6).contains(number.exponent) else { return scientific(number, decimals: number.digits.count - 1) }
        return number.fixed(decimals: max(0, number.digits.count - number.exponent))
    }

    static func text(_ value: Int) -> String { DecimalDigits(integer: value, power: 0).fixed(decimals: 0) }

    /// `point [lower, upper]`, the three with the same number of digits behind the point.
    static func text(point: Double, lower: Double, upper: Double) -> String {
        let values = [point, lower, upper]
        let largest = values.filter(\.isFinite).map(\.magnitude).max() ?? 0
        guard largest == 0 || (1e-3..<1e6).contains(largest) else {
            return "\(text(point)) [\(text(lower)), \(text(upper))]"
        }
        let decimals = self.decimals(largest: largest, width: upper - lower)
        let parts = values.map { $0.isFinite ? fixed($0, decimals) : special($0) }
        return "\(parts[0]) [\(parts[1]), \(parts[2])]"
    }

    /// Three significant digits of the largest, and at least two of the interval's half width.
    private static func decimals(largest: Double, width: Double) -> Int {
        let own = significantDigits - DecimalDigits(largest).rounded(significant: significantDigits).exponent
        guard width.isFinite, width > 0 else { return max(0, own) }
        return min(8, max(0, own, 2 - DecimalDigits(width / 2).exponent))
    }

    private static func fixed(_ value: Double, _ decimals: Int) -> String {
        DecimalDigits(value).fixed(decimals: decimals)
    }

    private static func special(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value < 0 ? "−∞" : "∞"
    }

    private static func scientific(_ number: DecimalDigits, decimals: Int = significantDigits - 1) -> String {
        let power = number.exponent - 1
        return number.shifted(by: power).fixed(decimals: decimals) + "×" + powerOfTen(power)
    }

    /// `10⁻⁴`
    static func powerOfTen(_ power: Int) -> String { "10" + superscript(power) }

    private static func superscript(_ value: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return (value < 0 ? "⁻" : "") + String(String(value.magnitude).utf8.map { digits[Int($0) - 48] })
    }

    /// A place in a picture to a hundredth of a pixel.
    static func coordinate(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return sign + String(whole) }
        let tail = rest.isMultiple(of: 10) ? String(rest / 10) : (rest < 10 ? "0\(rest)" : String(rest))
        return "\(sign)\(whole).\(tail)"
    }
}
