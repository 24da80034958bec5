import Diagnostics

/// Formats text as Python's `str.format` does.
struct BraceFormatter {
    private let positional: [TemplateValue]
    private let named: TemplateDictionary
    private let budget: TemplateBudget
    /// The number of the next field without a number; `nil` once a field had one.
    private var nextField: Int? = 0
    private var usesNumbers = false

    init(_ positional: [TemplateValue], _ named: TemplateDictionary, _ budget: TemplateBudget) {
        self.positional = positional
        self.named = named
        self.budget = budget
    }

    func format(_ text: String) throws(Diagnostic) -> String {
        var copy = self
        return try copy.expand(text, depth: 2)
    }

    /// Replaces the fields of a text. A specification may hold fields itself, one level deep.
    private mutating func expand(_ text: String, depth: Int) throws(Diagnostic) -> String {
        guard depth > 0 else { throw .template("replacement fields are nested too deep") }
        var output = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if (scalar == "{" || scalar == "}"), rest.first == scalar {
                output.unicodeScalars.append(rest.removeFirst())
            } else if scalar == "{" {
                let part = try replace(try Self.field(&rest), depth: depth)
                try budget.spend(steps: 1, bytes: part.utf8.count)
                output += part
            } else if scalar == "}" {
                throw .template("a format has a single '}'")
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// Reads up to the brace that closes a field.
    private static func field(_ rest: inout Substring.UnicodeScalarView) throws(Diagnostic)
        -> Substring.UnicodeScalarView
    {
        var depth = 1
        for index in rest.indices {
            if rest[index] == "{" { depth += 1 }
            if rest[index] == "}" { depth -= 1 }
            guard depth > 0 else {
                let field = rest[..<index]
                rest = rest[rest.index(after: index)...]
                return field
            }
        }
        throw .template("a format has a '{' without its '}'")
    }

    private mutating func replace(_ field: Substring.UnicodeScalarView, depth: Int) throws(Diagnostic) -> String {
        let name = field.prefix { $0 != "!" && $0 != ":" }
        var rest = field[name.endIndex...]
        var value = try look(up: name)
        if rest.first == "!" {
            rest.removeFirst()
            value = try convert(value, rest.popFirst())
            guard rest.isEmpty || rest.first == ":" else { throw .template("a conversion should be followed by ':'") }
        }
        let specification = try expand(String(rest.dropFirst()), depth: depth - 1 + (rest.isEmpty ? 1 : 0))
        return try text(value, specification)
    }

    private func text(_ value: TemplateValue, _ specification: String) throws(Diagnostic) -> String {
        guard !specification.isEmpty else { return try value.text(budget) }
        return try FormatSpecification(parsing: specification).format(value, budget)
    }

    private func convert(_ value: TemplateValue, _ letter: Unicode.Scalar?) throws(Diagnostic) -> TemplateValue {
        switch letter {
        case "s": return .string(try value.text(budget))
        case "r":
            var writer = ValueWriter(budget)
            try writer.writeQuoted(value)
            return .string(writer.text)
        default: throw .unsupported("a conversion other than !s and !r in a format")
        }
    }

    /// The value that a field names: `0`, `name`, `name.attribute`, `name[key]`, or nothing for the next one.
    private mutating func look(up name: Substring.UnicodeScalarView) throws(Diagnostic) -> TemplateValue {
        let head = name.prefix { $0 != "." && $0 != "[" }
        var value = try first(String(head))
        var rest = name[head.endIndex...]
        while let mark = rest.popFirst() {
            if mark == "." {
                let attribute = rest.prefix { $0 != "." && $0 != "[" }
                value = try value.member(String(attribute))
                rest = rest[attribute.endIndex...]
            } else {
                let key = rest.prefix { $0 != "]" }
                guard mark == "[", key.endIndex != rest.endIndex else {
                    throw .template("a format has a '[' without its ']'")
                }
                value = try value.element(Int(String(key)).map { .integer($0) } ?? .string(String(key)), budget)
                rest = rest[rest.index(after: key.endIndex)...]
            }
        }
        return value
    }

    private mutating func first(_ name: String) throws(Diagnostic) -> TemplateValue {
        if name.isEmpty {
            guard let index = nextField else { throw .template("a format mixes numbered fields with others") }
            nextField = index + 1
            usesNumbers = true
            return try argument(index)
        }
        guard let index = Int(name), index >= 0 else {
            guard let value = named[name] else { throw .template("the format's field '\(name)' is not given") }
            return value
        }
        guard !usesNumbers else { throw .template("a format mixes numbered fields with others") }
        nextField = nil
        return try argument(index)
    }

    private func argument(_ index: Int) throws(Diagnostic) -> TemplateValue {
        guard index < positional.count else { throw .template("the format's field \(index) is not given") }
        return positional[index]
    }
}
