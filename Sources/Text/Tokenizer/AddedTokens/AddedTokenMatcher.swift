/// Finds added tokens in a text: at each place the longest, from left to right.
struct AddedTokenMatcher: Sendable {
    /// A match, with the white space that its token takes along.
    struct Match {
        var token: Int
        var range: Range<Int>
    }

    /// A node of the trie of patterns; its children are linked to one another. -1 is none.
    private struct Node {
        var byte: UInt8 = 0
        /// The token that ends here.
        var token: Int32 = -1
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
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
        for byte in pattern { node = child(of: node, byte) ?? addChild(to: node, byte) }
        if nodes[node].token < 0 { nodes[node].token = token }
        isFirstByte[Int(pattern[0])] = true
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = Int(nodes[node].firstChild)
        while child >= 0 {
            if nodes[child].byte == byte { return child }
            child = Int(nodes[child].nextSibling)
        }
        return nil
    }

    private mutating func addChild(to node: Int, _ byte: UInt8) -> Int {
        nodes.append(Node(byte: byte, nextSibling: nodes[node].firstChild))
        nodes[node].firstChild = Int32(nodes.count - 1)
        return nodes.count - 1
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
        while position < text.count, let next = child(of: node, text[position]) {
            node = next
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
