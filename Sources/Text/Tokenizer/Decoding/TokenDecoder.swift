import Diagnostics

/// Turns tokens back into text. Tokens are valid UTF-8 throughout.
indirect enum TokenDecoder: Sendable {
    case sequence([TokenDecoder])
    case byteLevel
    case byteFallback
    case fuse
    case replace(TextPattern, [UInt8])
    case strip(Unicode.Scalar, start: Int, stop: Int)
    case metaspace(Unicode.Scalar, dropsFirst: Bool)

    func apply(to tokens: [[UInt8]]) -> [[UInt8]] {
        switch self {
        case .sequence(let steps): steps.reduce(tokens) { $1.apply(to: $0) }
        case .byteLevel: [Self.repaired(tokens.flatMap { ByteAlphabet.rawBytes(of: $0) ?? $0 })]
        case .byteFallback: Self.joinBytes(tokens)
        case .fuse: [Array(tokens.joined())]
        case .replace(let pattern, let content): tokens.map { Self.replace(pattern, by: content, in: $0) }
        case .strip(let scalar, let start, let stop):
            tokens.map { Self.strip(Array(String(scalar).utf8), from: $0, start: start, stop: stop) }
        case .metaspace(let scalar, let dropsFirst):
            tokens.enumerated().map { Self.unmark(scalar, in: $1, drops: dropsFirst && $0 == 0) }
        }
    }

    /// Valid UTF-8, with U+FFFD for each maximal part that is not.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] { Array(String(decoding: bytes, as: UTF8.self).utf8) }

    /// Joins runs of tokens such as `<0xE2>` into the characters that they spell, or one U+FFFD for each.
    private static func joinBytes(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var (output, run): ([[UInt8]], [UInt8]) = ([], [])
        func flush() {
            guard !run.isEmpty else { return }
            let isValid = String(validating: run, as: UTF8.self) != nil
            output += isValid ? [run] : Array(repeating: Array("\u{FFFD}".utf8), count: run.count)
            run.removeAll()
        }
        for token in tokens {
            if let byte = byte(spelledBy: token) {
                run.append(byte)
            } else {
                flush()
                output.append(token)
            }
        }
        flush()
        return output
    }

    private static func byte(spelledBy token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
            let high = Character(Unicode.Scalar(token[3])).hexDigitValue,
            let low = Character(Unicode.Scalar(token[4])).hexDigitValue
        else { return nil }
        return UInt8(high << 4 | low)
    }

    /// A pattern that gives up on a token leaves it as it is: decoding never fails.
    private static func replace(_ pattern: TextPattern, by content: [UInt8], in token: [UInt8]) -> [UInt8] {
        var (output, end): ([UInt8], Int) = ([], 0)
        guard !token.isEmpty, let search = try? TextSearch(pattern, size: token.count) else { return token }
        do throws(Diagnostic) {
            try token.withUnsafeBufferPointer { (bytes) throws(Diagnostic) in
                try search.forEachMatch(in: bytes) { match in
                    output += token[end..<match.lowerBound] + content
                    end = match.upperBound
                }
            }
        } catch {
            return token
        }
        return output + token[end...]
    }

    private static func strip(_ content: [UInt8], from token: [UInt8], start: Int, stop: Int) -> [UInt8] {
        var rest = token[...]
        for _ in 0..<start {
            guard rest.starts(with: content) else { break }
            rest.removeFirst(content.count)
        }
        for _ in 0..<stop {
            guard rest.count >= content.count, rest.suffix(content.count).elementsEqual(content) else { break }
            rest.removeLast(content.count)
        }
        return Array(rest)
    }

    private static func unmark(_ mark: Unicode.Scalar, in token: [UInt8], drops: Bool) -> [UInt8] {
        var output = String.UnicodeScalarView()
        for scalar in String(decoding: token, as: UTF8.self).unicodeScalars {
            if scalar != mark { output.append(scalar) } else if !drops { output.append(" ") }
        }
        return Array(String(output).utf8)
    }
}

extension TokenDecoder {
    init(_ field: TokenizerField) throws(Diagnostic) {
        let type = try field.type()
        switch type {
        case "Sequence":
            var steps: [TokenDecoder] = []
            for element in try field.required("decoders").elements() { steps.append(try TokenDecoder(element)) }
            self = .sequence(steps)
        case "ByteLevel": self = .byteLevel
        case "ByteFallback": self = .byteFallback
        case "Fuse": self = .fuse
        case "Replace":
            let content = try field.required("content").string()
            self = .replace(try TextPattern(try field.required("pattern")), Array(content.utf8))
        case "Strip":
            self = .strip(
                try field.required("content").scalar(), start: try Self.count(field.required("start")),
                stop: try Self.count(field.required("stop")))
        case "Metaspace":
            let metaspace = try Metaspace(field)
            self = .metaspace(metaspace.replacement, dropsFirst: metaspace.scheme != .never)
        default: throw field.unsupported("decoder", type)
        }
    }

    private static func count(_ field: TokenizerField) throws(Diagnostic) -> Int {
        let number = try field.integer()
        guard (0...1_000_000).contains(number) else { throw field.failure("this is not a number of characters") }
        return number
    }
}
