import Diagnostics

/// The filters that make numbers.
extension FilterTable {
    static let numberFilters: [String: NativeFunction] = [
        "abs": NativeFunction(absolute),
        "float": NativeFunction(["default"]) { (call) throws(Diagnostic) in
            try call.requireDefined()
            if let double = call.subject.parsedDouble { return .float(double) }
            return call[0] ?? .float(0)
        },
        "int": NativeFunction(["default", "base"], int),
        "round": NativeFunction(["precision", "method"], round),
        "sum": NativeFunction(["attribute", "start"], sum),
    ]

    private static func absolute(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard let number = call.subject.number else { throw call.mismatch(call.subject, "a number") }
        return number.double < 0 || number.double.sign == .minus ? try number.negated.value : number.value
    }

    private static func int(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        try call.requireDefined()
        if let integer = call.subject.integer { return .integer(integer) }
        if case .string(let string) = call.subject {
            if let integer = try string.parsedInteger(base: try call.integer(1, default: 10)) {
                return .integer(integer)
            }
        }
        guard let double = call.subject.parsedDouble, double.isFinite else { return call[0] ?? .integer(0) }
        guard let integer = Int(exactly: double.rounded(.towardZero)) else { throw TemplateNumber.overflow }
        return .integer(integer)
    }

    private static func round(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let (precision, method) = (try call.integer(0, default: 0), call[1] == nil ? "common" : try call.text(1))
        guard let number = call.subject.number else { throw call.mismatch(call.subject, "a number") }
        switch method {
        case "common":
            if case .integer(let integer) = number, precision >= 0 { return .integer(integer) }
            guard case .float(let double) = number else { throw .unsupported("rounding an integer to tens") }
            return .float(double.rounded(toDigits: precision))
        case "ceil", "floor":
            let scale = try TemplateNumber.integer(10).power(.integer(precision))
            let scaled = try (number * scale).double.rounded(method == "ceil" ? .up : .down)
            guard let integer = Int(exactly: scaled) else { throw TemplateNumber.overflow }
            return try (TemplateNumber.integer(integer) / scale).value
        default: throw .template("'round' knows the methods 'common', 'ceil' and 'floor'")
        }
    }

    private static func sum(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let attribute = try AttributePath(call[0])
        var total = call[1] ?? .integer(0)
        guard total.string == nil else { throw .template("'sum' adds no text") }
        for value in try call.subject.elements(call.budget) {
            total = try total.applying(.add, try attribute.value(of: value, call.budget), call.budget)
        }
        return total
    }
}

extension NativeCall {
    /// Refuses an undefined subject, where Python's conversion does.
    func requireDefined() throws(Diagnostic) {
        if case .undefined(let undefined) = subject { throw undefined.failure }
    }
}

extension TemplateValue {
    /// What Python's `float` gives, or `nil` where it fails.
    var parsedDouble: Double? {
        switch self {
        case .string(let string): string.parsedDouble
        default: number?.double
        }
    }
}

extension TemplateNumber {
    var isIntegral: Bool { double == double.rounded() }
}

extension TemplateString {
    /// The text without white space around it and without underscores between digits, in ASCII digits; `nil` where an
    /// underscore stands elsewhere.
    private var numeral: String? {
        var output = ""
        var previous: Unicode.Scalar = "_"
        let scalars = Array(stripped(.both).text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isGap = scalar == "_"
            if isGap {
                let next = index + 1 < scalars.count ? scalars[index + 1] : "_"
                guard previous.isNumeralPart, next.isNumeralPart else { return nil }
            } else {
                output += scalar.isPythonDecimal ? String(Int(scalar.properties.numericValue ?? 0)) : String(scalar)
            }
            previous = scalar
        }
        return output
    }

    /// What Python's `float(text)` gives, or `nil` where it fails.
    fileprivate var parsedDouble: Double? {
        guard let numeral, numeral.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let unsigned = numeral.first == "+" || numeral.first == "-" ? String(numeral.dropFirst()) : numeral
        let isNegative = numeral.first == "-"
        if let word = Self.words[unsigned.lowercased()] { return isNegative ? -word : word }
        guard let first = unsigned.first, first.isNumber || first == ".", !unsigned.lowercased().contains("x") else {
            return nil
        }
        let padded = (first == "." ? "0" : "") + unsigned
        guard let double = Double(padded) ?? Double(padded.replacingTrailingPoint) else { return nil }
        guard unsigned != "." else { return nil }
        return isNegative ? -double : double
    }

    private static let words: [String: Double] = ["inf": .infinity, "infinity": .infinity, "nan": .nan]

    /// What Python's `int(text, base)` gives, or `nil` where it fails.
    fileprivate func parsedInteger(base: Int) throws(Diagnostic) -> Int? {
        guard (2...36).contains(base) else {
            guard base == 0 else { throw .template("'int' needs a base from 2 to 36") }
            throw .unsupported("the base 0 of the filter 'int'")
        }
        guard var digits = numeral, digits.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let prefix = [2: "0b", 8: "0o", 16: "0x"][base]
        let sign = digits.first == "-" || digits.first == "+" ? String(digits.removeFirst()) : ""
        if let prefix, digits.lowercased().hasPrefix(prefix) { digits.removeFirst(2) }
        guard !digits.isEmpty, digits.first != "-", digits.first != "+" else { return nil }
        if let integer = Int(sign + digits, radix: base) { return integer }
        guard digits.allSatisfy({ $0.isHexDigit && base == 16 || $0.isNumber && base == 10 }) else { return nil }
        throw TemplateNumber.overflow
    }
}

extension Unicode.Scalar {
    fileprivate var isNumeralPart: Bool { isPythonDecimal || ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}

extension String {
    /// `1.` as `1.0` and `1.e5` as `1.0e5`, which Swift's parser wants.
    fileprivate var replacingTrailingPoint: String {
        guard let point = firstIndex(of: ".") else { return self }
        let next = index(after: point)
        guard next == endIndex || self[next] == "e" || self[next] == "E" else { return self }
        return self[...point] + "0" + self[next...]
    }
}
