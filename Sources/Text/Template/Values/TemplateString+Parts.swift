import Diagnostics

/// Python's ways to take text apart and to put it together.
extension TemplateString {
    /// Which ends of a text are stripped.
    enum Ends {
        case leading, trailing, both
    }

    /// The text without white space, or without the code points given, at its ends.
    func stripped(_ ends: Ends, of characters: TemplateString? = nil) -> TemplateString {
        if let characters {
            let set = Set(characters.text.unicodeScalars)
            return stripped(ends) { set.contains($0) }
        }
        return stripped(ends) { $0.isPythonSpace }
    }

    private func stripped(_ ends: Ends, while isStripped: (Unicode.Scalar) -> Bool) -> TemplateString {
        var view = text.unicodeScalars[...]
        if ends != .trailing { view = view.drop(while: isStripped) }
        if ends != .leading {
            while let last = view.last, isStripped(last) { view.removeLast() }
        }
        return TemplateString(String(view), isMarkup: isMarkup)
    }

    func hasPrefix(_ prefix: TemplateString) -> Bool { text.utf8.starts(with: prefix.text.utf8) }

    func hasSuffix(_ suffix: TemplateString) -> Bool { text.utf8.reversed().starts(with: suffix.text.utf8.reversed()) }

    /// The last match of `part`, as a range of byte offsets.
    func lastRange(of part: TemplateString) -> Range<Int>? {
        let bytes = Array(text.utf8.reversed())
        let match = PatternSearch(part.text.utf8.reversed()).first(in: bytes, from: 0)
        return match.map { (bytes.count - $0.upperBound)..<(bytes.count - $0.lowerBound) }
    }

    /// The parts between matches of a separator, at most `limit` splits; `nil` where the separator is empty.
    func split(at separator: TemplateString, limit: Int, isFromEnd: Bool) -> [TemplateString]? {
        guard !separator.isEmpty else { return nil }
        let matches = isFromEnd ? rangesFromEnd(of: separator, limit: limit) : ranges(of: separator, limit: limit)
        let starts = [0] + matches.map(\.upperBound)
        let ends = matches.map(\.lowerBound) + [text.utf8.count]
        return parts(zip(starts, ends).map { $0..<$1 })
    }

    private func rangesFromEnd(of part: TemplateString, limit: Int) -> [Range<Int>] {
        let bytes = Array(text.utf8.reversed())
        let mirrored = TemplateString.ranges(of: part.text.utf8.reversed(), in: bytes, limit: limit)
        return mirrored.reversed().map { (bytes.count - $0.upperBound)..<(bytes.count - $0.lowerBound) }
    }

    /// The words between runs of white space, at most `limit` splits.
    func splitAtSpace(limit: Int, isFromEnd: Bool) -> [TemplateString] {
        var rest = text.unicodeScalars[...]
        var words: [Substring.UnicodeScalarView] = []
        while true {
            rest = isFromEnd ? rest.trimmedAtEnd : rest.drop { $0.isPythonSpace }
            if rest.isEmpty { break }
            if words.count == limit {
                words.append(rest)
                break
            }
            let word = isFromEnd ? rest.suffix(while: { !$0.isPythonSpace }) : rest.prefix { !$0.isPythonSpace }
            words.append(word)
            rest = isFromEnd ? rest[..<word.startIndex] : rest[word.endIndex...]
        }
        let ordered = isFromEnd ? words.reversed() : words
        return ordered.map { TemplateString(String($0), isMarkup: isMarkup) }
    }

    /// The lines, each with its end where `keepsEnds`.
    func lines(keepsEnds: Bool) -> [TemplateString] {
        var lines: [TemplateString] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let line = rest.prefix { !$0.isPythonLineBreak }
            var end = line.endIndex
            if end != rest.endIndex {
                let isCarriageReturn = rest[end] == "\r"
                end = rest.index(after: end)
                if isCarriageReturn, end != rest.endIndex, rest[end] == "\n" { end = rest.index(after: end) }
            }
            lines.append(TemplateString(String(keepsEnds ? rest[..<end] : line), isMarkup: isMarkup))
            rest = rest[end...]
        }
        return lines
    }

    /// The text with matches of `old` replaced, all of them where `limit` is negative.
    func replacing(
        _ old: TemplateString, with new: TemplateString, limit: Int, _ budget: TemplateBudget
    ) throws(Diagnostic) -> TemplateString {
        let count = limit < 0 ? Int.max : limit
        let matches = old.isEmpty ? gaps(limit: count) : ranges(of: old, limit: count)
        guard !matches.isEmpty else { return self }
        try budget.spend(steps: weight, bytes: text.utf8.count)
        try budget.spend(bytes: new.text.utf8.count, times: matches.count)
        return TemplateString(replacing(matches, with: Array(new.text.utf8)), isMarkup: isMarkup)
    }

    private func replacing(_ matches: [Range<Int>], with new: [UInt8]) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var end = 0
        for match in matches {
            output += bytes[end..<match.lowerBound]
            output += new
            end = match.upperBound
        }
        output += bytes[end...]
        return String(decoding: output, as: UTF8.self)
    }

    /// The empty ranges before, between and after the code points.
    private func gaps(limit: Int) -> [Range<Int>] {
        let starts = text.utf8.enumerated().lazy.filter { !UTF8.isContinuation($0.element) }.map(\.offset)
        let gaps = Array(starts.map { $0..<$0 }.prefix(limit))
        let end = text.utf8.count
        return gaps.count < limit ? gaps + [end..<end] : gaps
    }

    /// The parts one after another with this text between them.
    func joining(_ parts: [TemplateString], _ budget: TemplateBudget) throws(Diagnostic) -> TemplateString {
        try budget.spend(bytes: text.utf8.count, times: parts.count)
        for part in parts { try budget.spend(steps: 1, bytes: part.text.utf8.count) }
        return TemplateString(parts.map(\.text).joined(separator: text), isMarkup: isMarkup)
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var trimmedAtEnd: Substring.UnicodeScalarView {
        var copy = self
        while let last = copy.last, last.isPythonSpace { copy.removeLast() }
        return copy
    }

    fileprivate func suffix(while isIncluded: (Unicode.Scalar) -> Bool) -> Substring.UnicodeScalarView {
        var start = endIndex
        while start != startIndex, isIncluded(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
