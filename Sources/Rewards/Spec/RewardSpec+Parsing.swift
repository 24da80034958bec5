import Diagnostics

extension RewardSpec {
    /// Reads a spec as a user writes it.
    ///
    /// - Throws: a `usage` diagnostic that names the character, counted from 1, and the remedy. Which keys a kind
    ///   takes, and what their values may be, is checked where the reward is made (``ParameterReader``).
    public init(parsing text: String) throws(Diagnostic) {
        var parser = RewardSpecParser(text)
        self = try parser.parse()
    }
}

/// Reads a spec by recursive descent over its UTF-8 bytes.
private struct RewardSpecParser {
    private let text: String
    private let bytes: [UInt8]
    private var position = 0
    /// How many lists are open.
    private var depth = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func parse() throws(Diagnostic) -> RewardSpec {
        let spec = try parseSpec()
        guard position == bytes.count else {
            guard !spec.kind.takesNoSource else {
                throw failure("nothing may follow '\(spec.kind.rawValue)' but '?' and keys", remedy: "Remove it")
            }
            throw failure("nothing may follow the list but '?' and keys", remedy: "Remove what follows the bracket")
        }
        return spec
    }

    private mutating func parseSpec() throws(Diagnostic) -> RewardSpec {
        skipSpaces()
        let kind = try parseKind()
        let takesMembers = kind.source == .members
        let members = takesMembers ? try parseMembers(of: kind) : []
        let source = takesMembers || kind.takesNoSource ? "" : try parseSource(of: kind)
        let parameters = try parseParameters()
        return RewardSpec(kind, source: source, members: members, parameters: parameters)
    }

    private mutating func parseKind() throws(Diagnostic) -> RewardKind {
        let start = position
        let word = String(decoding: take(until: ":?[],&="), as: UTF8.self)
        guard !word.isEmpty else {
            throw failure("a kind of reward should stand here", at: start, remedy: RewardKind.listing)
        }
        guard let kind = RewardKind(rawValue: word) else {
            throw failure(
                "'\(word.prefix(40))' is not a kind of reward", at: start, remedy: RewardKind.suggestion(for: word))
        }
        if kind.takesNoSource {
            guard current != UInt8(ascii: ":") else {
                throw failure("\(word) takes no source", remedy: "Write \(kind.synopsis)")
            }
            return kind
        }
        guard consume(":") else {
            throw failure("a colon and a source should follow '\(word)'", remedy: "Write \(kind.synopsis)")
        }
        return kind
    }

    private mutating func parseMembers(of kind: RewardKind) throws(Diagnostic) -> [RewardSpec] {
        guard consume("[") else {
            throw failure("\(kind.rawValue) takes a list of specs in brackets", remedy: "Write \(kind.synopsis)")
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= RewardSpec.maximumDepth else {
            throw failure("lists are nested more than \(RewardSpec.maximumDepth) deep", remedy: "Nest fewer of them")
        }
        var members: [RewardSpec] = []
        repeat { members.append(try parseSpec()) } while consume(",")
        guard consume("]") else {
            throw failure(
                "a ',' or the list's closing ']' should be here",
                remedy: "Close the list with ']'; a '[' that belongs to a path is written %5B")
        }
        return members
    }

    private mutating func parseSource(of kind: RewardKind) throws(Diagnostic) -> String {
        let start = position
        guard current != UInt8(ascii: "[") else {
            throw failure(
                "\(kind.rawValue) takes a source, not a list",
                remedy: "Only mean, min and sham take lists; a '[' that belongs to a path is written %5B")
        }
        let source = try decoded(take(until: "?"), from: start)
        guard !source.isEmpty else {
            throw failure("\(kind.rawValue) names no source", at: start, remedy: "Write \(kind.synopsis)")
        }
        return source
    }

    private mutating func parseParameters() throws(Diagnostic) -> [String: String] {
        var parameters: [String: String] = [:]
        guard consume("?") else { return parameters }
        repeat {
            let start = position
            let (key, value) = try parsePair()
            guard parameters.updateValue(value, forKey: key) == nil else {
                throw failure("the key '\(key)' is given twice", at: start, remedy: "Give it once")
            }
        } while consume("&")
        return parameters
    }

    private mutating func parsePair() throws(Diagnostic) -> (key: String, value: String) {
        let start = position
        let key = String(decoding: take(until: "=&"), as: UTF8.self)
        guard RewardSpec.isKey(key) else {
            throw failure(
                key.isEmpty ? "a key should stand here" : "'\(key.prefix(40))' cannot be a key", at: start,
                remedy: "Write key=value, the pairs separated by '&'")
        }
        guard consume("=") else {
            throw failure("'=' and a value should follow the key '\(key)'", remedy: "Write \(key)=VALUE")
        }
        let valueStart = position
        let value = try decoded(take(until: "&"), from: valueStart)
        guard !value.isEmpty else {
            throw failure("the key '\(key)' has no value", remedy: "Write \(key)=VALUE, or leave the key out")
        }
        return (key, value)
    }

    /// Takes bytes up to one of the given characters; inside a list also up to what separates its members.
    private mutating func take(until ends: StaticString) -> ArraySlice<UInt8> {
        let start = position
        while let byte = current, !isEnd(byte, ends) { position += 1 }
        return bytes[start..<position]
    }

    private func isEnd(_ byte: UInt8, _ ends: StaticString) -> Bool {
        if depth > 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "[") {
            return true
        }
        return (0..<ends.utf8CodeUnitCount).contains { ends.utf8Start[$0] == byte }
    }

    private func decoded(_ part: ArraySlice<UInt8>, from start: Int) throws(Diagnostic) -> String {
        var output: [UInt8] = []
        var index = part.startIndex
        while index < part.endIndex {
            guard part[index] == UInt8(ascii: "%") else {
                output.append(part[index])
                index += 1
                continue
            }
            guard let byte = encodedByte(part[index...]) else {
                throw failure(
                    "two hexadecimal digits should follow '%'", at: index, remedy: "Write %25 for a percent sign")
            }
            output.append(byte)
            index += 3
        }
        return try text(of: output, from: start)
    }

    private func encodedByte(_ part: ArraySlice<UInt8>) -> UInt8? {
        let digits = part.dropFirst().prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return digits.count == 2 ? UInt8(digits[0] << 4 | digits[1]) : nil
    }

    private func text(of output: [UInt8], from start: Int) throws(Diagnostic) -> String {
        guard let text = String(validating: output, as: UTF8.self) else {
            throw failure(
                "the percent-encoded bytes are not UTF-8", at: start, remedy: "Encode each byte of the UTF-8 text")
        }
        guard !output.contains(0) else {
            throw failure("a NUL character cannot stand here", at: start, remedy: "Remove %00")
        }
        return text
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpaces() {
        while current == UInt8(ascii: " ") { position += 1 }
    }

    private func failure(_ message: String, at offset: Int? = nil, remedy: String) -> Diagnostic {
        let character = String(decoding: bytes[..<(offset ?? position)], as: UTF8.self).count + 1
        return Diagnostic(
            .usage, message, at: .init(field: "reward '\(RewardSpec.excerpt(of: text))', character \(character)"),
            remedy: remedy)
    }
}

extension RewardSpec {
    /// Whether a key may be called so: a letter, then letters, digits, `_` and `-`, and no word that the map form uses.
    static func isKey(_ key: String) -> Bool {
        let isWord = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isWord && key.first?.isLetter == true && !mapWords.contains(key)
    }

    /// The spec as an error quotes it.
    static func excerpt(of text: String) -> String { text.count > 80 ? text.prefix(79) + "…" : text }
}

extension RewardKind {
    static var listing: String { "The kinds are \(allCases.map(\.rawValue).joined(separator: ", "))" }

    static func suggestion(for word: String) -> String {
        let nearest = NearestName(to: word, among: allCases.map(\.rawValue)).map { "Did you mean '\($0.name)'? " } ?? ""
        return nearest + listing
    }
}
