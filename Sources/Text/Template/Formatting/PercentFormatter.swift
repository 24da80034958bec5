import Diagnostics

/// Formats text as Python's `format % values` does.
struct PercentFormatter {
    private let format: TemplateString
    private let budget: TemplateBudget
    private var rest: Substring.UnicodeScalarView
    private var output = ""
    private var next = 0

    init(_ format: TemplateString, _ budget: TemplateBudget) throws(Diagnostic) {
        guard !format.isMarkup else { throw .unsupported("'%' on text marked as safe") }
        self.format = format
        self.budget = budget
        rest = format.text.unicodeScalars[...]
    }

    /// What the conversions take: a tuple's elements in turn, a dictionary's members by name, or one value.
    private struct Source {
        let values: [TemplateValue]
        let mapping: TemplateDictionary?
        let isTuple: Bool
    }

    /// The text with its conversions replaced.
    func format(_ value: TemplateValue) throws(Diagnostic) -> TemplateString {
        var copy = self
        return TemplateString(try copy.run(Self.source(value)))
    }

    private static func source(_ value: TemplateValue) -> Source {
        switch value {
        case .tuple(let elements): Source(values: elements.values, mapping: nil, isTuple: true)
        case .dictionary(let dictionary): Source(values: [value], mapping: dictionary, isTuple: false)
        default: Source(values: [value], mapping: nil, isTuple: false)
        }
    }

    private mutating func run(_ source: Source) throws(Diagnostic) -> String {
        try budget.spend(steps: format.weight)
        while let scalar = rest.popFirst() {
            if scalar == "%" { try convert(source) } else { output.unicodeScalars.append(scalar) }
        }
        let ignoresRest = source.mapping != nil || Self.isSequence(source.values.first) && !source.isTuple
        guard next >= source.values.count || ignoresRest else {
            throw .template("not all values were used by the format '\(format.text.prefix(40))'")
        }
        return output
    }

    /// Values that Python takes for a mapping because they can be subscripted, so that none need be used.
    private static func isSequence(_ value: TemplateValue?) -> Bool {
        switch value {
        case .list, .range, .undefined: true
        default: false
        }
    }

    private mutating func convert(_ source: Source) throws(Diagnostic) {
        var named: TemplateValue?
        if rest.first == "(" { named = try lookUp(source) }
        var specification = FormatSpecification()
        parseFlags(&specification)
        specification.width = try width(source) ?? 0
        if rest.first == "." {
            rest.removeFirst()
            specification.precision = try width(source) ?? 0
        }
        while let letter = rest.first, "hlL".unicodeScalars.contains(letter) { rest.removeFirst() }
        guard let type = rest.popFirst() else { throw .template("a format ends inside a conversion") }
        if type == "%" { return output += "%" }
        let value = if let named { named } else { try take(source) }
        let text = try Self.text(value, type, specification, budget)
        try budget.spend(bytes: text.utf8.count)
        output += text
    }

    private mutating func lookUp(_ source: Source) throws(Diagnostic) -> TemplateValue {
        guard let mapping = source.mapping else { throw .template("a format with names needs a dictionary") }
        rest.removeFirst()
        let name = rest.prefix { $0 != ")" }
        guard name.endIndex != rest.endIndex else { throw .template("a format ends inside a name") }
        rest = rest[rest.index(after: name.endIndex)...]
        guard let value = mapping[String(name)] else {
            throw .template("the dictionary lacks the key '\(String(name))'")
        }
        return value
    }

    private mutating func parseFlags(_ specification: inout FormatSpecification) {
        specification.alignment = ">"
        while let flag = rest.first, "#0- +".unicodeScalars.contains(flag) {
            rest.removeFirst()
            switch flag {
            case "#": specification.isAlternate = true
            case "0": if specification.alignment != "<" { (specification.fill, specification.alignment) = ("0", "=") }
            case "-": (specification.fill, specification.alignment) = (" ", "<")
            case "+": specification.sign = "+"
            default: if specification.sign != "+" { specification.sign = " " }
            }
        }
    }

    private mutating func width(_ source: Source) throws(Diagnostic) -> Int? {
        guard rest.first == "*" else { return try FormatSpecification.number(&rest) }
        throw .unsupported("'*' as a width in a format")
    }

    private mutating func take(_ source: Source) throws(Diagnostic) -> TemplateValue {
        guard next < source.values.count else { throw .template("there are too few values for the format") }
        next += 1
        return source.values[next - 1]
    }

    private static func text(
        _ value: TemplateValue, _ type: Unicode.Scalar, _ specification: FormatSpecification, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        var specification = specification
        switch type {
        case "s", "r":
            var writer = ValueWriter(budget)
            if type == "s" { try writer.write(value) } else { try writer.writeQuoted(value) }
            specification.makeTextual()
            return try specification.format(.string(writer.text), budget)
        case "d", "i", "u": return try integer(value, &specification, "d", budget)
        case "x", "X", "o": return try integer(value, &specification, type, budget)
        case "f", "F", "e", "E", "g", "G":
            specification.type = type
            return try specification.format(.float(try double(value)), budget)
        case "c": return try character(value, specification, budget)
        default: throw .template("'%\(type)' is not a conversion")
        }
    }

    private static func integer(
        _ value: TemplateValue, _ specification: inout FormatSpecification, _ type: Unicode.Scalar,
        _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        guard specification.precision == nil else { throw .unsupported("a precision for an integer in a format") }
        specification.type = type
        if let integer = value.integer { return try specification.format(.integer(integer), budget) }
        guard type == "d", case .float(let double) = value, let integer = Int(exactly: double.rounded(.towardZero))
        else {
            throw .template("'%\(type)' needs an integer, not a value of type '\(value.typeName)'")
        }
        return try specification.format(.integer(integer), budget)
    }

    private static func double(_ value: TemplateValue) throws(Diagnostic) -> Double {
        guard let number = value.number else {
            throw .template("a format needs a number, not a value of type '\(value.typeName)'")
        }
        return number.double
    }

    private static func character(
        _ value: TemplateValue, _ specification: FormatSpecification, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        var specification = specification
        specification.makeTextual()
        if let integer = value.integer, let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) {
            return try specification.format(.string(String(scalar)), budget)
        }
        guard case .string(let string) = value, string.count == 1 else { throw .template("'%c' needs one character") }
        return try specification.format(value, budget)
    }
}

extension FormatSpecification {
    /// Drops what only numbers use.
    fileprivate mutating func makeTextual() {
        sign = "-"
        isAlternate = false
        if alignment == "=" { (fill, alignment) = (" ", ">") }
    }
}
