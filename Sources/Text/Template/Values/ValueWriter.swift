import Diagnostics

/// Writes values as Python's `str` and `repr` do.
struct ValueWriter {
    private(set) var text = ""
    let budget: TemplateBudget
    private var depth = 0

    init(_ budget: TemplateBudget) { self.budget = budget }

    mutating func append(_ part: String) throws(Diagnostic) {
        try budget.spend(bytes: part.utf8.count)
        text += part
    }

    /// Writes what `str(value)` gives.
    mutating func write(_ value: TemplateValue) throws(Diagnostic) {
        switch value {
        case .undefined: break
        case .string(let string): try append(string.text)
        default: try writeQuoted(value)
        }
    }

    /// Writes what `repr(value)` gives.
    mutating func writeQuoted(_ value: TemplateValue) throws(Diagnostic) {
        try budget.spend(steps: 1)
        switch value {
        case .undefined: try append("Undefined")
        case .none: try append("None")
        case .bool(let value): try append(value ? "True" : "False")
        case .integer(let value): try append(String(value))
        case .float(let value): try append(value.pythonText)
        case .string(let string): try append(string.quoted)
        default: try nested(value)
        }
    }

    private mutating func nested(_ value: TemplateValue) throws(Diagnostic) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Measure.maximumDepth else { throw .template("a value is nested too deep to be printed") }
        switch value {
        case .list(let elements): try write(elements.values, between: "[", and: "]")
        case .tuple(let elements):
            try write(elements.values, between: "(", and: elements.values.count == 1 ? ",)" : ")")
        case .dictionary(let dictionary): try writeMembers(dictionary.members)
        case .view(let view): try write(view)
        case .range(let range): try write(range)
        case .object(let object): try object.write(to: &self)
        default: throw .unsupported("the text of a value of type '\(value.typeName)', which holds an address in memory")
        }
    }

    private mutating func write(
        _ values: [TemplateValue], between opening: String, and closing: String
    ) throws(Diagnostic) {
        try append(opening)
        for (index, value) in values.enumerated() {
            if index > 0 { try append(", ") }
            try writeQuoted(value)
        }
        try append(closing)
    }

    mutating func writeMembers(_ members: [(key: TemplateValue, value: TemplateValue)]) throws(Diagnostic) {
        try append("{")
        for (index, member) in members.enumerated() {
            if index > 0 { try append(", ") }
            try writeQuoted(member.key)
            try append(": ")
            try writeQuoted(member.value)
        }
        try append("}")
    }

    private mutating func write(_ view: DictionaryView) throws(Diagnostic) {
        try append(view.part.rawValue)
        try write(try view.elements(), between: "([", and: "])")
    }

    private mutating func write(_ range: TemplateRange) throws(Diagnostic) {
        let step = range.step == 1 ? "" : ", \(range.step)"
        try append("range(\(range.start), \(range.stop)\(step))")
    }
}

extension TemplateValue {
    /// What Python's `str` gives.
    func text(_ budget: TemplateBudget) throws(Diagnostic) -> String {
        if case .string(let string) = self { return string.text }
        var writer = ValueWriter(budget)
        try writer.write(self)
        return writer.text
    }

    /// The value itself where it is a string, else what Python's `str` gives.
    func softString(_ budget: TemplateBudget) throws(Diagnostic) -> TemplateString {
        if case .string(let string) = self { return string }
        return TemplateString(try text(budget))
    }
}

extension Double {
    /// What Python's `repr` of a float gives: the fewest digits that read back as the same number.
    var pythonText: String { description }
}

extension TemplateString {
    /// What Python's `repr` gives.
    var quoted: String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var output = String(quote)
        for scalar in scalars { Self.append(scalar, quotedBy: quote, to: &output) }
        output.unicodeScalars.append(quote)
        return isMarkup ? "Markup(\(output))" : output
    }

    private static func append(
        _ scalar: Unicode.Scalar, quotedBy quote: Unicode.Scalar, to output: inout String
    ) {
        switch scalar {
        case quote, "\\": output += "\\\(scalar)"
        case "\n": output += "\\n"
        case "\r": output += "\\r"
        case "\t": output += "\\t"
        default:
            if scalar.isPythonPrintable {
                output.unicodeScalars.append(scalar)
            } else {
                output += scalar.pythonEscape
            }
        }
    }
}
