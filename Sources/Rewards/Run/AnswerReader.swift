import Diagnostics
import Experiment
import JSON

/// Takes the answer out of a response's text, as `vote` compares them.
public struct AnswerReader: Sendable, Hashable {
    /// Which part of a text is the answer.
    enum Part: String, CaseIterable {
        case whole
        case lastWord = "last-word"
    }

    private enum Rule: Hashable {
        case part(Part)
        case after(String)
        case pattern(String)
    }

    private let rule: Rule

    /// The whole text is the answer.
    public static let whole = AnswerReader(rule: .part(.whole))

    private init(rule: Rule) { self.rule = rule }

    /// Reads `whole`, `last-word`, `{after: TEXT}` or `{pattern: REGEX}`.
    ///
    /// - Throws: `usage` naming the key that is wrong.
    public init(_ value: JSONValue, path: String) throws(Diagnostic) {
        if let part = value.stringValue.flatMap(Part.init(rawValue:)) {
            rule = .part(part)
            return
        }
        var reader = try SettingsReader(value.objectValue == nil ? [:] : value, path: path)
        switch (try reader.string("after"), try reader.string("pattern")) {
        case (let mark?, nil): rule = .after(mark)
        case (nil, let pattern?) where (try? Regex(pattern)) != nil: rule = .pattern(pattern)
        default:
            throw Diagnostic(
                .usage, "an answer is whole, last-word, {after: TEXT} or {pattern: REGEX}", at: .init(field: path),
                remedy: "Write one of these")
        }
        try reader.finish()
    }

    /// Reads the keys `answer`, `after` and `pattern`, of which one may be given.
    init(_ parameters: inout ParameterReader) throws(Diagnostic) {
        let part: Part? = try parameters.choice("answer")
        let mark = parameters.text("after")
        let pattern = parameters.text("pattern")
        switch (part, mark, pattern) {
        case (_, nil, nil): rule = .part(part ?? .whole)
        case (nil, let mark?, nil): rule = .after(mark)
        case (nil, nil, let pattern?):
            rule = .pattern(pattern)
            guard (try? Regex(pattern)) != nil else {
                throw parameters.failure(
                    "'\(pattern.prefix(40))' is no regular expression", at: "pattern", remedy: "Correct the pattern")
            }
        default:
            throw parameters.failure(
                "only one of answer, after and pattern can say what the answer is", at: "answer",
                remedy: "Give one of them")
        }
    }

    /// The answers of texts, white space around them aside; `nil` where a text has none.
    public func answers(in texts: [String]) throws(Diagnostic) -> [String?] {
        switch rule {
        case .part(.whole): return texts.map { Self.trimmed($0[...]) }
        case .part(.lastWord): return texts.map { $0.split(whereSeparator: \.isWhitespace).last.map { String($0) } }
        case .after(let mark): return texts.map { text in Self.tail(of: text, after: mark).map { Self.trimmed($0) } }
        case .pattern(let pattern): return try Self.matches(of: pattern, in: texts)
        }
    }

    private static func tail(of text: String, after mark: String) -> Substring? {
        // A search over bytes: a String's own would equate spellings that differ.
        let bytes = Array(text.utf8)
        guard let place = bytes.ranges(of: Array(mark.utf8)).last else { return nil }
        return Substring(decoding: bytes[place.upperBound...], as: UTF8.self)
    }

    private static func matches(of pattern: String, in texts: [String]) throws(Diagnostic) -> [String?] {
        do {
            // A Regex is not Sendable, so it is compiled where it is used.
            let regex = try Regex(pattern)
            return texts.map { text in
                guard let match = text.matches(of: regex).last else { return nil }
                let part = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
                return part.map { trimmed($0) }
            }
        } catch {
            throw Diagnostic(.usage, "'\(pattern)' is no regular expression", remedy: "Correct the pattern")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let tail = text.drop(while: \.isWhitespace)
        return String(tail[..<(tail.lastIndex { !$0.isWhitespace }.map { tail.index(after: $0) } ?? tail.startIndex)])
    }
}
