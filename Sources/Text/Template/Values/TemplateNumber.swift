import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A Python number. Integers are held in 64 bits; a result beyond them is an error, since Python would go on exactly.
enum TemplateNumber {
    case integer(Int)
    case float(Double)

    var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        }
    }

    var value: TemplateValue {
        switch self {
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        }
    }

    var isZero: Bool { double == 0 }
}

extension TemplateValue {
    /// The value as a number; a boolean counts as 0 or 1.
    var number: TemplateNumber? {
        switch self {
        case .integer(let value): .integer(value)
        case .bool(let value): .integer(value ? 1 : 0)
        case .float(let value): .float(value)
        default: nil
        }
    }
}

extension TemplateNumber: Hashable {
    static func == (left: TemplateNumber, right: TemplateNumber) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.integer(let integer), .float(let float)), (.float(let float), .integer(let integer)):
            Int(exactly: float) == integer
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let value): hasher.combine(value)
        case .float(let value):
            if let integer = Int(exactly: value) { hasher.combine(integer) } else { hasher.combine(value) }
        }
    }

    /// Exact, as in Python: an integer is not rounded to a double first.
    static func < (left: TemplateNumber, right: TemplateNumber) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.float(let left), .float(let right)): left < right
        case (.integer(let left), .float(let right)): isLess(left, right)
        case (.float(let left), .integer(let right)): isLess(left, right)
        }
    }

    private static func isLess(_ left: Int, _ right: Double) -> Bool {
        if right.isNaN { return false }
        if right >= 0x1p63 { return true }
        return right > -0x1p63 && left < Int(right.rounded(.up))
    }

    private static func isLess(_ left: Double, _ right: Int) -> Bool {
        if left.isNaN { return false }
        if left < -0x1p63 { return true }
        return left < 0x1p63 && Int(left.rounded(.down)) < right
    }
}

extension TemplateNumber {
    static func + (left: TemplateNumber, right: TemplateNumber) throws(Diagnostic) -> TemplateNumber {
        guard case (.integer(let a), .integer(let b)) = (left, right) else { return .float(left.double + right.double) }
        return try exact(a.addingReportingOverflow(b))
    }

    static func - (left: TemplateNumber, right: TemplateNumber) throws(Diagnostic) -> TemplateNumber {
        guard case (.integer(let a), .integer(let b)) = (left, right) else { return .float(left.double - right.double) }
        return try exact(a.subtractingReportingOverflow(b))
    }

    static func * (left: TemplateNumber, right: TemplateNumber) throws(Diagnostic) -> TemplateNumber {
        guard case (.integer(let a), .integer(let b)) = (left, right) else { return .float(left.double * right.double) }
        return try exact(a.multipliedReportingOverflow(by: b))
    }

    static func / (left: TemplateNumber, right: TemplateNumber) throws(Diagnostic) -> TemplateNumber {
        guard !right.isZero else { throw .template("division by zero") }
        return .float(left.double / right.double)
    }

    /// The quotient rounded down, and the remainder with the divisor's sign.
    func quotientAndRemainder(
        dividingBy divisor: TemplateNumber
    ) throws(Diagnostic) -> (quotient: TemplateNumber, remainder: TemplateNumber) {
        guard !divisor.isZero else { throw .template("division by zero") }
        guard case (.integer(let a), .integer(let b)) = (self, divisor) else {
            let (quotient, remainder) = Self.floorDivide(double, divisor.double)
            return (.float(quotient), .float(remainder))
        }
        let remainder = b == -1 ? 0 : a % b
        let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
        guard case .integer(let quotient) = try Self.exact(a.dividedReportingOverflow(by: b)) else {
            return (self, self)
        }
        return (.integer(isBelow ? quotient - 1 : quotient), .integer(isBelow ? remainder + b : remainder))
    }

    /// Floats divide as CPython does it: the remainder first, which is exact, then the quotient from it.
    private static func floorDivide(_ a: Double, _ b: Double) -> (Double, Double) {
        var remainder = fmod(a, b)
        var quotient = (a - remainder) / b
        if remainder != 0 {
            if (b < 0) != (remainder < 0) {
                remainder += b
                quotient -= 1
            }
        } else {
            remainder = Double(signOf: b, magnitudeOf: 0)
        }
        guard quotient != 0 else { return (Double(signOf: a / b, magnitudeOf: 0), remainder) }
        let floor = quotient.rounded(.down)
        return (quotient - floor > 0.5 ? floor + 1 : floor, remainder)
    }

    func power(_ exponent: TemplateNumber) throws(Diagnostic) -> TemplateNumber {
        if case (.integer(let base), .integer(let exponent)) = (self, exponent), exponent >= 0 {
            return try Self.integerPower(base, exponent)
        }
        if isZero, exponent.double < 0 { throw .template("0 cannot be raised to a negative power") }
        if double < 0, double.isFinite, exponent.double.isFinite, exponent.double != exponent.double.rounded() {
            throw .unsupported("a complex number")
        }
        let result = pow(double, exponent.double)
        if result.isInfinite, double.isFinite, exponent.double.isFinite { throw .template("a power is too large") }
        return .float(result)
    }

    private static func integerPower(_ base: Int, _ exponent: Int) throws(Diagnostic) -> TemplateNumber {
        if exponent == 0 || base == 1 { return .integer(1) }
        if base == 0 || base == -1 { return .integer(base == 0 ? 0 : exponent.isMultiple(of: 2) ? 1 : -1) }
        guard exponent < 64 else { throw overflow }
        var result = TemplateNumber.integer(1)
        for _ in 0..<exponent { result = try result * .integer(base) }
        return result
    }

    var negated: TemplateNumber {
        get throws(Diagnostic) {
            switch self {
            case .integer(let value): try .exact((0).subtractingReportingOverflow(value))
            case .float(let value): .float(-value)
            }
        }
    }

    static var overflow: Diagnostic { .template("an integer grows beyond 64 bits") }

    private static func exact(_ result: (partialValue: Int, overflow: Bool)) throws(Diagnostic) -> TemplateNumber {
        guard !result.overflow else { throw overflow }
        return .integer(result.partialValue)
    }
}
