import Diagnostics

/// Python's format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    init() {}

    /// Parses the text after the colon of a replacement field.
    init(parsing text: String) throws(Diagnostic) {
        var rest = text.unicodeScalars[...]
        parseAlignment(&rest)
        if let first = rest.first, "+- ".unicodeScalars.contains(first) { sign = rest.removeFirst() }
        if rest.first == "#" { isAlternate = Self.skip(&rest) }
        if rest.first == "0", alignment == nil {
            (fill, alignment) = ("0", "=")
            rest.removeFirst()
        }
        width = try Self.number(&rest) ?? 0
        if let first = rest.first, first == "," || first == "_" { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = try Self.number(&rest) else { throw .template("a format lacks its precision") }
            precision = digits
        }
        type = rest.popFirst()
        guard rest.isEmpty else { throw .template("'\(text)' is not a format specification") }
    }

    private mutating func parseAlignment(_ rest: inout Substring.UnicodeScalarView) {
        let signs = "<>=^".unicodeScalars
        if let second = rest.dropFirst().first, signs.contains(second), let first = rest.first {
            (fill, alignment) = (first, second)
            rest.removeFirst(2)
        } else if let first = rest.first, signs.contains(first) {
            alignment = rest.removeFirst()
        }
    }

    private static func skip(_ rest: inout Substring.UnicodeScalarView) -> Bool {
        rest.removeFirst()
        return true
    }

    /// Reads the decimal digits at the start.
    static func number(_ rest: inout Substring.UnicodeScalarView) throws(Diagnostic) -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        guard let number = Int(String(digits)), number <= 1 << 24 else {
            throw .template("a format has too large a width")
        }
        return number
    }
}

extension FormatSpecification {
    /// A value as `format(value, specification)` writes it.
    func format(_ value: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> String {
        try budget.spend(bytes: precision ?? 0)
        switch value {
        case .string(let string): return try format(string.text, budget)
        case .bool(let flag): return try format(flag ? 1 : 0, of: value, budget)
        case .integer(let integer): return try format(integer, of: value, budget)
        case .float(let double): return try format(double, of: value, budget)
        default: throw .template("a value of type '\(value.typeName)' takes no format specification")
        }
    }

    private func unknownType(_ value: TemplateValue) -> Diagnostic {
        .template("format type '\(type.map(String.init) ?? "")' does not fit a value of type '\(value.typeName)'")
    }

    private func format(_ text: String, _ budget: TemplateBudget) throws(Diagnostic) -> String {
        guard type == nil || type == "s", alignment != "=" || fill == "0", grouping == nil, sign == "-", !isAlternate
        else {
            throw unknownType(.string(text))
        }
        let shown = precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        return try padded(shown, sign: "", default: "<", budget)
    }

    private func format(
        _ integer: Int, of value: TemplateValue, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        switch type {
        case nil, "d", "n":
            guard precision == nil else { throw unknownType(value) }
            return try number(String(integer.magnitude), isNegative: integer < 0, budget)
        case "x", "X", "o", "b": return try format(integer, radix: type == "o" ? 8 : type == "b" ? 2 : 16, budget)
        case "c":
            guard let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) else { throw unknownType(value) }
            return try padded(String(scalar), sign: "", default: "<", budget)
        default: return try format(Double(integer), of: value, budget)
        }
    }

    private func format(_ integer: Int, radix: Int, _ budget: TemplateBudget) throws(Diagnostic) -> String {
        let digits = String(integer.magnitude, radix: radix, uppercase: type == "X")
        let prefix = isAlternate ? "0" + (type.map(String.init) ?? "") : ""
        return try number(digits, prefix: prefix, isNegative: integer < 0, budget)
    }

    private func format(
        _ double: Double, of value: TemplateValue, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        let magnitude = double.magnitude
        let isNegative = double.sign == .minus && !double.isNaN
        switch type {
        case nil: return try number(shortest(magnitude), isNegative: isNegative, budget)
        case "f", "F", "e", "E", "g", "G":
            let text = magnitude.formatted(conversion, precision: precision ?? 6, isAlternate: isAlternate)
            return try number(text, isNegative: isNegative, budget)
        case "%":
            let text = (magnitude * 100).formatted("f", precision: precision ?? 6, isAlternate: isAlternate)
            return try number(text + "%", isNegative: isNegative, budget)
        default: throw unknownType(value)
        }
    }

    private var conversion: Character { type.map { Character($0) } ?? "g" }

    /// Without a type: as `repr`, or to a precision as `g` but with a digit after the point.
    private func shortest(_ magnitude: Double) throws(Diagnostic) -> String {
        guard let precision else { return magnitude.pythonText }
        guard magnitude.isFinite else { return magnitude.pythonText }
        let text = magnitude.formatted("g", precision: max(1, precision), isAlternate: isAlternate)
        guard !text.contains("."), !text.contains("e") else { return text }
        guard text.count < max(1, precision) else {
            return magnitude.formatted("e", precision: max(1, precision) - 1).compactExponent
        }
        return text + ".0"
    }

    private func number(
        _ digits: String, prefix: String = "", isNegative: Bool, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        let shownSign = isNegative ? "-" : sign == "-" ? "" : String(sign)
        return try padded(grouped(digits), sign: shownSign + prefix, default: ">", budget)
    }

    private func grouped(_ digits: String) throws(Diagnostic) -> String {
        guard let grouping else { return digits }
        guard !(fill == "0" && alignment == "="), type != "n" else {
            throw .unsupported("a grouped number filled with zeros")
        }
        let size = type.map { "xXob".unicodeScalars.contains($0) } ?? false ? 4 : 3
        let whole = digits.prefix { $0.isHexDigit }
        let groups = stride(from: whole.count, to: 0, by: -size).map { end in
            String(whole.prefix(end).suffix(size))
        }
        return groups.reversed().joined(separator: String(grouping)) + digits.dropFirst(whole.count)
    }

    private func padded(
        _ text: String, sign: String, default fallback: Unicode.Scalar, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        switch alignment ?? fallback {
        case "=":
            let rest = width - sign.unicodeScalars.count
            return sign + (try TextAlignment.right.pad(text, to: rest, with: fill, budget))
        case "<": return try TextAlignment.left.pad(sign + text, to: width, with: fill, budget)
        case "^": return try centered(sign + text, budget)
        default: return try TextAlignment.right.pad(sign + text, to: width, with: fill, budget)
        }
    }

    /// Unlike `str.center`, a format gives the odd place of padding to the right.
    private func centered(_ text: String, _ budget: TemplateBudget) throws(Diagnostic) -> String {
        let missing = max(0, width - text.unicodeScalars.count)
        let left = try TextAlignment.right.pad(text, to: width - (missing + 1) / 2, with: fill, budget)
        return try TextAlignment.left.pad(left, to: width, with: fill, budget)
    }
}

extension String {
    /// The mantissa without needless zeros: `1.50e+02` becomes `1.5e+02`.
    fileprivate var compactExponent: String {
        guard let mark = firstIndex(of: "e") else { return self }
        var mantissa = self[..<mark]
        while mantissa.last == "0", mantissa.contains(".") { mantissa.removeLast() }
        if mantissa.last == "." { mantissa.removeLast() }
        return String(mantissa) + self[mark...]
    }
}
