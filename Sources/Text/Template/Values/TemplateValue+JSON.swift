import Diagnostics
import JSON

extension TemplateValue {
    /// A value of a JSON document as Python's `json.loads` gives it.
    init(_ value: JSONValue) throws(Diagnostic) {
        switch value {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .float(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(try Self.elements(elements))
        case .object(let members): self = .dictionary(try Self.dictionary(members))
        }
    }

    private static func elements(_ elements: [JSONValue]) throws(Diagnostic) -> TemplateElements {
        var values: [TemplateValue] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try TemplateValue(element)) }
        return try TemplateElements(values)
    }

    private static func dictionary(_ members: JSONObject) throws(Diagnostic) -> TemplateDictionary {
        var dictionary = TemplateDictionary()
        for (key, value) in members { try dictionary.set(.string(key), to: try TemplateValue(value)) }
        return dictionary
    }
}

/// Writes JSON as Python's `json.dumps` does.
struct JSONWriter {
    struct Style {
        var isASCIIOnly = false
        /// What one level of indentation consists of; `nil` writes everything on one line.
        var indent: String?
        var itemSeparator = ", "
        var keySeparator = ": "
        var sortsKeys = false
    }

    private(set) var text = ""
    private let style: Style
    private let budget: TemplateBudget
    private var depth = 0

    init(_ style: Style, _ budget: TemplateBudget) {
        self.style = style
        self.budget = budget
    }

    private mutating func append(_ part: String) throws(Diagnostic) {
        try budget.spend(bytes: part.utf8.count)
        text += part
    }

    mutating func write(_ value: TemplateValue) throws(Diagnostic) {
        try budget.spend(steps: 1)
        switch value {
        case .string(let string): try writeQuoted(string)
        case .list(let elements), .tuple(let elements): try write(elements.values)
        case .dictionary(let dictionary): try write(dictionary)
        default:
            guard let word = Self.word(value) else {
                throw .template("a value of type '\(value.typeName)' cannot be written as JSON")
            }
            try append(word)
        }
    }

    /// The text of a value without parts.
    private static func word(_ value: TemplateValue) -> String? {
        switch value {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .float(let value) where value.isNaN: "NaN"
        case .float(let value) where value.isInfinite: value < 0 ? "-Infinity" : "Infinity"
        case .float(let value): value.pythonText
        default: nil
        }
    }

    private mutating func write(_ values: [TemplateValue]) throws(Diagnostic) {
        guard !values.isEmpty else { return try append("[]") }
        try append("[")
        depth += 1
        for (index, value) in values.enumerated() {
            try startItem(index)
            try write(value)
        }
        try end("]")
    }

    private mutating func write(_ dictionary: TemplateDictionary) throws(Diagnostic) {
        guard dictionary.count > 0 else { return try append("{}") }
        try append("{")
        depth += 1
        for (index, member) in try members(dictionary).enumerated() {
            try startItem(index)
            try writeKey(member.key)
            try append(style.keySeparator)
            try write(member.value)
        }
        try end("}")
    }

    private func members(_ dictionary: TemplateDictionary) throws(Diagnostic) -> [(
        key: TemplateValue, value: TemplateValue
    )] {
        guard style.sortsKeys else { return dictionary.members }
        return try dictionary.members.sorted(budget) { (left, right) throws(Diagnostic) in
            try left.key.isLess(than: right.key, budget)
        }
    }

    private mutating func startItem(_ index: Int) throws(Diagnostic) {
        if index > 0 { try append(style.itemSeparator) }
        try breakLine()
    }

    private mutating func end(_ bracket: String) throws(Diagnostic) {
        depth -= 1
        try breakLine()
        try append(bracket)
    }

    private mutating func breakLine() throws(Diagnostic) {
        guard let indent = style.indent else { return }
        try budget.spend(bytes: indent.utf8.count, times: depth)
        text += "\n" + String(repeating: indent, count: depth)
    }

    private mutating func writeKey(_ key: TemplateValue) throws(Diagnostic) {
        if case .string(let string) = key { return try writeQuoted(string) }
        guard let word = Self.word(key) else {
            throw .template("a value of type '\(key.typeName)' cannot be a key in JSON")
        }
        try append("\"\(word)\"")
    }

    private mutating func writeQuoted(_ string: TemplateString) throws(Diagnostic) {
        try budget.spend(steps: string.weight, bytes: string.text.utf8.count)
        text += "\""
        for scalar in string.text.unicodeScalars { append(scalar) }
        text += "\""
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\u{8}": text += "\\b"
        case "\u{C}": text += "\\f"
        case "\u{0}"..<" ": appendEscape(UInt16(scalar.value))
        default:
            guard style.isASCIIOnly, scalar.value > 0x7E else { return text.unicodeScalars.append(scalar) }
            for unit in scalar.utf16 { appendEscape(unit) }
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
