extension JSONValue {
    /// The value as compact JSON on one line, in UTF-8 with only what must be escaped escaped.
    ///
    /// A double is written with the fewest digits that read back as the same double, and always so that it reads back
    /// as a number. A number that is not finite, which JSON cannot hold, is written as Python writes it (`NaN`).
    public var text: String {
        var output = ""
        write(to: &output)
        return output
    }

    /// The value as ``text`` writes it, with the keys of every object in the order of their UTF-8 bytes, so that values
    /// which differ in the order of keys alone read the same; for digests.
    public var canonicalText: String { withSortedKeys.text }

    private var withSortedKeys: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withSortedKeys))
        case .object(let members):
            .object(JSONObject(members.sortedByKey().lazy.map { (key: $0.key, value: $0.value.withSortedKeys) }))
        default: self
        }
    }

    private func write(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .integer(let value): output += String(value)
        case .number(let value): output += Self.text(of: value)
        case .string(let value): Self.write(quoted: value, to: &output)
        case .array(let elements): Self.write(elements, to: &output)
        case .object(let members): Self.write(members, to: &output)
        }
    }

    private static func write(_ elements: [JSONValue], to output: inout String) {
        output += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { output += "," }
            element.write(to: &output)
        }
        output += "]"
    }

    private static func write(_ members: JSONObject, to output: inout String) {
        output += "{"
        for (index, member) in members.enumerated() {
            if index > 0 { output += "," }
            write(quoted: member.key, to: &output)
            output += ":"
            member.value.write(to: &output)
        }
        output += "}"
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    private static func write(quoted value: String, to output: inout String) {
        output += "\""
        if value.utf8.contains(where: mustBeEscaped) {
            for scalar in value.unicodeScalars { write(scalar, to: &output) }
        } else {
            output += value
        }
        output += "\""
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private static func write(_ scalar: Unicode.Scalar, to output: inout String) {
        switch scalar {
        case "\"": output += "\\\""
        case "\\": output += "\\\\"
        case "\n": output += "\\n"
        case "\r": output += "\\r"
        case "\t": output += "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}":
            let digits = String(scalar.value, radix: 16)
            output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: output.unicodeScalars.append(scalar)
        }
    }
}
