import Diagnostics
import JSON
import LanguageModel

/// A preference pair as token ids, the prompt in both.
struct PreparedPair {
    let chosen: [Int32]
    let rejected: [Int32]
    /// Tokens that belong to the prompt.
    let promptLength: Int

    /// The first pairs of the file that training_workload.py wrote.
    static func read(_ file: String, count: Int) throws(Diagnostic) -> [PreparedPair] {
        let rows = try JSONValue(readingFile: file).arrayValue ?? []
        let pairs = rows.prefix(count).compactMap(PreparedPair.init)
        guard pairs.count == count else {
            throw Diagnostic(
                .badData, "\(count) pairs are wanted, but the file has \(pairs.count)", at: .init(file: file),
                remedy: "Ask for fewer steps, or make the folder anew with training_workload.py")
        }
        return pairs
    }

    private init?(_ row: JSONValue) {
        guard let chosen = row["chosen_ids"]?.tokens, let rejected = row["rejected_ids"]?.tokens,
            let length = row["prompt_length"]?.intValue
        else { return nil }
        (self.chosen, self.rejected, promptLength) = (chosen, rejected, length)
    }
}

extension JSONValue {
    fileprivate var tokens: [Int32]? { arrayValue?.compactMap { $0.intValue.flatMap { Int32(exactly: $0) } } }
}

/// The sequences of a step's pairs, which alternate: chosen, rejected.
struct PairBatch {
    let sequences: TokenSequences
    /// Whole pairs that go through the layers together.
    let parts: [Range<Int>]
    let pairCount: Double

    /// - Parameter rows: of a part, at most, where no single pair has more.
    init(_ pairs: [PreparedPair], rows: Int) {
        sequences = TokenSequences(
            pairs.flatMap { [$0.chosen, $0.rejected] }, from: pairs.flatMap { [$0.promptLength, $0.promptLength] })
        pairCount = Double(pairs.count)
        var parts: [Range<Int>] = []
        var taken = 0
        for (index, pair) in pairs.enumerated() {
            let size = pair.chosen.count + pair.rejected.count - pair.promptLength
            if let last = parts.last, taken + size <= rows {
                parts[parts.count - 1] = last.lowerBound..<2 * index + 2
                taken += size
            } else {
                parts.append(2 * index..<2 * index + 2)
                taken = size
            }
        }
        self.parts = parts
    }
}
