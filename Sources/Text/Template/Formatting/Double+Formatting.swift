#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Double {
    /// The number as C's `printf` writes it under a conversion such as `f`, `e` or `g`, correctly rounded.
    func formatted(_ conversion: Character, precision: Int, isAlternate: Bool = false) -> String {
        let format = "%\(isAlternate ? "#" : "").\(precision)\(conversion)"
        // The integral part has at most 309 digits; the rest are the sign, the point, and the exponent.
        var buffer = [CChar](repeating: 0, count: precision + 330)
        let count = withVaList([self]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Python's `round(value, digits)`: the nearest decimal, of two equally near the even one.
    func rounded(toDigits digits: Int) -> Double {
        guard isFinite, digits <= 323 else { return self }
        if digits < -308 { return Double(signOf: self, magnitudeOf: 0) }
        if digits >= 0 { return Double(formatted("f", precision: digits)) ?? self }
        let scale = pow(10, Double(-digits))
        return (self / scale).rounded(.toNearestOrEven) * scale
    }
}
