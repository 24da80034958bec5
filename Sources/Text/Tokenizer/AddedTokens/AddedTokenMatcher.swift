/// Finds added tokens in a text: at each place the longest, from left to right.
struct AddedTokenMatcher: Sendable {
    /// A match, with the white space that its token takes along.
    struct Match {
        var token: Int
        var range: Range<Int>
    }

    private struct Node {
        var children: [UInt8: Int32] = [:]
        /// The token that ends here, or -1.
        var token: Int32 = -1
    }

    private let tokens: [AddedToken]
    private var nodes: [Node] = [Node()]
    /// Whether a token starts with a byte.
    private var isFirstByte = [Bool](repeating: false, count: 256)

    /// - Parameter indices: which of `tokens` to look for.
    init(_ tokens: [AddedToken], indices: [Int]) {
        self.tokens = tokens
        for index in indices where !tokens[index].pattern.isEmpty { insert(tokens[index].pattern, Int32(index)) }
    }

    var isEmpty: Bool { nodes.count == 1 }

    /// Of tokens with one pattern the first counts.
    private mutating func insert(_ pattern: [UInt8], _ token: Int32) {
        var node = 0
        for byte in pattern {
            if let child = nodes[node].children[byte] {
                node = Int(child)
            } else {
                nodes[node].children[byte] = Int32(nodes.count)
                node = nodes.count
                nodes.append(Node())
            }
        }
        if nodes[node].token < 0 { nodes[node].token = token }
        isFirstByte[Int(pattern[0])] = true
    }

    func matches(in text: UnsafeBufferPointer<UInt8>) -> [Match] {
        guard !isEmpty else { return [] }
        var matches: [Match] = []
        var position = 0
        while position < text.count {
            guard isFirstByte[Int(text[position])], let (token, end) = longestToken(in: text, at: position) else {
                position += 1
                continue
            }
            let taken = matches.last?.range.upperBound ?? 0
            if let match = accept(token, position..<end, in: text, after: taken) { matches.append(match) }
            position = end
        }
        return matches
    }

    private func longestToken(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (token: Int, end: Int)? {
        var (node, position) = (0, start)
        var longest: (token: Int, end: Int)?
        while position < text.count, let child = nodes[node].children[text[position]] {
            node = Int(child)
            position += 1
            if nodes[node].token >= 0 { longest = (Int(nodes[node].token), position) }
        }
        return longest
    }

    private func accept(
        _ index: Int, _ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>, after taken: Int
    ) -> Match? {
        let token = tokens[index]
        var (start, end) = (range.lowerBound, range.upperBound)
        if token.isSingleWord, touchesWord(range, in: text) { return nil }
        if token.stripsLeft { start = max(taken, Self.startOfSpace(before: start, in: text)) }
        if token.stripsRight { end = Self.endOfSpace(after: end, in: text) }
        return Match(token: index, range: start..<max(start, end))
    }

    private func touchesWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        if range.lowerBound > 0 {
            let start = text.scalarStart(before: range.lowerBound)
            if text.scalar(at: start).scalar.isWordCharacter { return true }
        }
        return range.upperBound < text.count && text.scalar(at: range.upperBound).scalar.isWordCharacter
    }

    private static func startOfSpace(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var position = end
        while position > 0 {
            let start = text.scalarStart(before: position)
            guard text.scalar(at: start).scalar.properties.isWhitespace else { break }
            position = start
        }
        return position
    }

    private static func endOfSpace(after start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var position = start
        while position < text.count {
            let (scalar, length) = text.scalar(at: position)
            guard scalar.properties.isWhitespace else { break }
            position += length
        }
        return position
    }
}
