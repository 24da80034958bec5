import JSON

/// Reads merges, written as `"a b"` or `["a", "b"]`, into a table.
struct MergeReader {
    private let vocabulary: Vocabulary
    private(set) var table: MergeTable
    /// Whether no merge so far joins something to a `▁` on its right.
    private(set) var wordsAreSeparate = true

    init(vocabulary: Vocabulary, count: Int) {
        self.vocabulary = vocabulary
        table = MergeTable(capacity: count)
    }

    /// - Returns: what is wrong with the merge, if anything is.
    mutating func read(_ element: JSONValue, rank: UInt32) -> String? {
        switch element {
        case .string(let text): return readJoined(text, rank: rank)
        case .array(let parts):
            guard parts.count == 2, case .string(let left) = parts[0], case .string(let right) = parts[1] else {
                return "a merge has two tokens"
            }
            return add(Array(left.utf8), Array(right.utf8), rank: rank)
        default: return "a merge is a string or an array of two"
        }
    }

    private mutating func readJoined(_ text: String, rank: UInt32) -> String? {
        let bytes = Array(text.utf8)
        guard let space = bytes.firstIndex(of: 0x20), bytes.lastIndex(of: 0x20) == space else {
            return "a merge has two tokens with one space between them"
        }
        return add(Array(bytes[..<space]), Array(bytes[(space + 1)...]), rank: rank)
    }

    private mutating func add(_ left: [UInt8], _ right: [UInt8], rank: UInt32) -> String? {
        guard let leftID = vocabulary.id(of: left) else { return Self.unknown(left) }
        guard let rightID = vocabulary.id(of: right) else { return Self.unknown(right) }
        guard let result = vocabulary.id(of: left + right) else { return Self.unknown(left + right) }
        table.set(leftID, rightID, rank: rank, result: result)
        let start = BytePairModel.wordStart
        if right.starts(with: start), !left.suffix(start.count).elementsEqual(start) { wordsAreSeparate = false }
        return nil
    }

    private static func unknown(_ token: [UInt8]) -> String {
        "the merge needs the token '\(String(decoding: token.prefix(40), as: UTF8.self))', which is not in the vocabulary"
    }
}
