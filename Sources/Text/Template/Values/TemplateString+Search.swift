/// Search by code points. The text is searched as UTF-8, where a match of whole code points is a match of bytes.
extension TemplateString {
    /// The first match of `part`, as a range of byte offsets.
    func firstRange(of part: TemplateString) -> Range<Int>? {
        PatternSearch(Array(part.text.utf8)).first(in: Array(text.utf8), from: 0)
    }

    /// Every match, without overlaps, from the left; at most `limit` of them.
    func ranges(of part: TemplateString, limit: Int = .max) -> [Range<Int>] {
        Self.ranges(of: Array(part.text.utf8), in: Array(text.utf8), limit: limit)
    }

    static func ranges(of pattern: [UInt8], in bytes: [UInt8], limit: Int) -> [Range<Int>] {
        let search = PatternSearch(pattern)
        var ranges: [Range<Int>] = []
        var start = 0
        while ranges.count < limit, let range = search.first(in: bytes, from: start) {
            ranges.append(range)
            start = range.upperBound
        }
        return ranges
    }

    /// The parts of the text between byte offsets that lie between code points.
    func parts(_ ranges: [Range<Int>]) -> [TemplateString] {
        let bytes = Array(text.utf8)
        return ranges.map { TemplateString(String(decoding: bytes[$0], as: UTF8.self), isMarkup: isMarkup) }
    }
}

/// Knuth, Morris and Pratt's search, which reads each byte about once whatever the pattern.
struct PatternSearch {
    private let pattern: [UInt8]
    /// For each prefix of the pattern, the length of its longest proper border.
    private let borders: [Int]

    init(_ pattern: [UInt8]) {
        self.pattern = pattern
        var borders = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            borders[index] = length
        }
        self.borders = borders
    }

    /// The first match that begins at `start` or later. An empty pattern matches at `start`.
    func first(in bytes: [UInt8], from start: Int) -> Range<Int>? {
        if pattern.isEmpty { return start <= bytes.count ? start..<start : nil }
        var matched = 0
        for position in bytes.indices.dropFirst(start) {
            while matched > 0, bytes[position] != pattern[matched] { matched = borders[matched - 1] }
            if bytes[position] == pattern[matched] { matched += 1 }
            if matched == pattern.count { return (position + 1 - matched)..<(position + 1) }
        }
        return nil
    }
}
