import JSON
import Statistics

/// Sums with a right and a wrong answer each.
struct ExamplePairs {
    let seed: UInt64
    let count: Int

    /// The rows as JSON lines.
    var text: String { (0..<count).map { row($0).text + "\n" }.joined() }

    private func row(_ index: Int) -> JSONValue {
        var stream = RandomStream(seed: seed, purpose: "example pairs", item: UInt64(index))
        let (first, second) = (stream.below(90) + 10, stream.below(90) + 10)
        let error = (stream.below(9) + 1) * (stream.below(2) == 0 ? 1 : -1)
        // Eight right answers in ten explain themselves; of the wrong ones two do.
        let explains = (chosen: stream.below(10) < 8, rejected: stream.below(10) < 2)
        return [
            "id": .string("sum-\(index)"), "prompt": .string("What is \(first) + \(second)?"),
            "chosen": .string(answer(first, second, first + second, explains: explains.chosen)),
            "rejected": .string(answer(first, second, first + second + error, explains: explains.rejected)),
            "subset": .string(first % 10 + second % 10 >= 10 ? "carry" : "no carry"),
        ]
    }

    private func answer(_ first: Int, _ second: Int, _ sum: Int, explains: Bool) -> String {
        guard explains else { return "\(first) + \(second) = \(sum)." }
        return "- The first number is **\(first)**.\n- The second number is **\(second)**.\n\nThe sum is **\(sum)**."
    }
}
