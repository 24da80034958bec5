import Diagnostics

/// Rewrites a pattern of Oniguruma's Ruby syntax, in which tokenizers are written, for PCRE2.
///
/// The two differ in what a class escape holds: `\s` and `\w` by definition, `\p{…}` by the Unicode version. Ids depend
/// on it, so each is written out, with what Oniguruma's newer Unicode adds. A construct that the two read differently
/// and that is not rewritten here is an error.
struct OnigurumaPattern {
    private var input: [Unicode.Scalar]
    private var position = 0
    private var output: [String] = []
    /// Where the last atom starts in `output`, for quantifiers that must be wrapped; `nil` after none.
    private var atom: Int?
    private var openGroups: [Int] = []

    init(_ pattern: String) { input = Array(pattern.unicodeScalars) }

    /// The pattern in PCRE2's syntax, for the options UTF, UCP and MULTILINE.
    mutating func translated() throws(Diagnostic) -> String {
        while let scalar = next() {
            switch scalar {
            case "\\": appendAtom(try escape(inClass: false))
            case "[": appendAtom(try characterClass())
            case "(": try openGroup()
            case ")": try closeGroup()
            case "{": try interval()
            case "*", "+", "?": output.append(String(scalar))
            case "|", "^", "$": appendPlain(scalar)
            default: appendAtom(String(scalar))
            }
        }
        guard openGroups.isEmpty else { throw failure("a group is not closed") }
        return output.joined()
    }

    private mutating func next() -> Unicode.Scalar? {
        guard position < input.count else { return nil }
        defer { position += 1 }
        return input[position]
    }

    private var peek: Unicode.Scalar? { position < input.count ? input[position] : nil }

    private mutating func consume(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard input[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func appendAtom(_ text: String) {
        atom = output.count
        output.append(text)
    }

    private mutating func appendPlain(_ scalar: Unicode.Scalar) {
        atom = nil
        output.append(String(scalar))
    }

    private func failure(_ message: String) -> Diagnostic {
        Diagnostic(
            .badData, "the pattern cannot be used: \(message) (at character \(position))",
            remedy: "Write the pattern without that construct")
    }
}

// MARK: - Groups and quantifiers

extension OnigurumaPattern {
    private static let groupOpenings = ["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?-i:"]

    private mutating func openGroup() throws(Diagnostic) {
        position -= 1
        openGroups.append(output.count)
        guard openGroups.count <= 200 else { throw failure("groups are nested too deep") }
        if let opening = Self.groupOpenings.first(where: { startsHere($0) }) {
            position += opening.unicodeScalars.count
            output.append(opening)
        } else if consume("(?m:") {
            output.append("(?s:")
        } else if position == 0, consume("(?i)") {
            openGroups.removeLast()
            output.append("(?i)")
        } else if startsHere("(?") || startsHere("(*") {
            throw failure("this kind of group is not supported")
        } else {
            position += 1
            output.append("(?:")
        }
        atom = nil
    }

    private func startsHere(_ text: String) -> Bool { input[position...].starts(with: text.unicodeScalars) }

    private mutating func closeGroup() throws(Diagnostic) {
        guard let start = openGroups.popLast() else { throw failure("a group is closed that was not opened") }
        output.append(")")
        atom = start
    }

    /// `{n}`, `{n,}`, `{,m}`, `{n,m}`. A `+` after it repeats the whole, which PCRE2 reads as possessive.
    private mutating func interval() throws(Diagnostic) {
        guard let bounds = intervalBounds() else { return appendAtom("\\{") }
        guard let start = atom else { throw failure("there is nothing to repeat") }
        output.append("{\(bounds.low),\(bounds.high)}")
        if peek == "+" || (peek == "?" && bounds.isExact) {
            output.insert("(?:", at: start)
            output.append(")")
        }
    }

    private mutating func intervalBounds() -> (low: String, high: String, isExact: Bool)? {
        let start = position
        let low = digits()
        let hasComma = consume(",")
        let high = hasComma ? digits() : low
        guard consume("}"), !(low.isEmpty && high.isEmpty) else {
            position = start
            return nil
        }
        return (low.isEmpty ? "0" : low, high, !hasComma)
    }

    private mutating func digits() -> String {
        var text = ""
        while let digit = peek, ("0"..."9").contains(digit) {
            text.unicodeScalars.append(digit)
            position += 1
        }
        return text
    }
}

// MARK: - Classes and escapes

extension OnigurumaPattern {
    /// A bracketed class; the opening bracket has been read.
    private mutating func characterClass() throws(Diagnostic) -> String {
        var text = consume("^") ? "[^" : "["
        if consume("]") { text += "\\]" }
        while let scalar = next() {
            switch scalar {
            case "]": return text + "]"
            case "[": throw failure("a class inside a class is not supported")
            case "&" where peek == "&": throw failure("an intersection of classes is not supported")
            case "\\": text += try escape(inClass: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        throw failure("a class is not closed")
    }

    /// An escape; the backslash has been read.
    private mutating func escape(inClass: Bool) throws(Diagnostic) -> String {
        guard let scalar = next() else { throw failure("the pattern ends in a backslash") }
        switch scalar {
        case "p", "P": return try property(negated: scalar == "P", inClass: inClass)
        case "x", "u": return try codePoint(after: scalar)
        case "b", "B": return try boundary(scalar, inClass: inClass)
        case "A", "z", "Z":
            guard !inClass else { throw failure("\\\(scalar) cannot stand in a class") }
            return "\\\(scalar)"
        default:
            if let members = CharacterClassEscape.members(of: scalar) {
                return try wrap(members, inClass: inClass, escape: scalar)
            }
            return try character(scalar)
        }
    }

    private func character(_ scalar: Unicode.Scalar) throws(Diagnostic) -> String {
        switch scalar {
        case "n", "r", "t", "f", "a", "e": return "\\\(scalar)"
        case "v": return "\\x{B}"
        case "0"..."9", "a"..."z", "A"..."Z": throw failure("the escape \\\(scalar) is not supported")
        default: return scalar.isASCII ? "\\\(scalar)" : String(scalar)
        }
    }

    private func wrap(
        _ members: (text: String, isNegated: Bool), inClass: Bool, escape: Unicode.Scalar
    ) throws(Diagnostic) -> String {
        guard inClass else { return "[\(members.isNegated ? "^" : "")\(members.text)]" }
        guard !members.isNegated else { throw failure("\\\(escape) inside a class is not supported") }
        return members.text
    }

    private func boundary(_ scalar: Unicode.Scalar, inClass: Bool) throws(Diagnostic) -> String {
        if inClass {
            guard scalar == "b" else { throw failure("\\B cannot stand in a class") }
            return "\\x{8}"
        }
        let word = "[\(CharacterClassEscape.word)]"
        return scalar == "b"
            ? "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))"
            : "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word)))"
    }

    /// `\x{H…}`, `\xHH` of ASCII, `\uHHHH`.
    private mutating func codePoint(after letter: Unicode.Scalar) throws(Diagnostic) -> String {
        let isBraced = letter == "x" && consume("{")
        var text = ""
        while text.count < (isBraced ? 8 : letter == "x" ? 2 : 4), let digit = peek, digit.properties.isASCIIHexDigit {
            text.unicodeScalars.append(digit)
            position += 1
        }
        guard let value = UInt32(text, radix: 16), Unicode.Scalar(value) != nil, !isBraced || consume("}"),
            isBraced || letter == "u" || value < 0x80
        else { throw failure("this is not a code point") }
        return "\\x{\(text)}"
    }

    /// `\p{Name}`, `\p{^Name}`, `\P{Name}`.
    private mutating func property(negated: Bool, inClass: Bool) throws(Diagnostic) -> String {
        guard consume("{") else { throw failure("\\p needs a name in braces") }
        var isNegated = negated
        if consume("^") { isNegated.toggle() }
        var name = ""
        while let scalar = next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        guard let text = CharacterClassEscape.property(name) else {
            throw failure("the property \\p{\(name.prefix(40))} is not supported")
        }
        return try wrap((text, isNegated), inClass: inClass, escape: isNegated ? "P" : "p")
    }
}
