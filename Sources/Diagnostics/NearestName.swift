/// The name that a misspelt one most likely stands for.
public struct NearestName {
    public let name: String

    /// - Returns: `nil` where no candidate is near: more than a third of the word's letters (at least one) would change.
    public init?(to word: String, among candidates: [String]) {
        guard word.utf8.count <= 40 else { return nil }
        let ranked = candidates.map { (name: $0, distance: Self.distance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        guard best.distance <= max(1, word.count / 3) else { return nil }
        name = best.name
    }

    /// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for i in 1..<(left.count + 1) {
            var row = [i]
            for j in 1..<(right.count + 1) {
                let isSame = left[i - 1] == right[j - 1]
                var cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (isSame ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    cost = min(cost, rows[i - 2][j - 2] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
