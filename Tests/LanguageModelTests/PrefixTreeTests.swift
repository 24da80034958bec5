import Testing

@testable import LanguageModel

@Suite struct PrefixTreeTests {
    @Test("One row for every different prefix, on random sequences")
    func rowCount() {
        for seed in 0..<300 {
            let sequences = randomSequences(seed: UInt64(seed))
            let prefixes = Set(
                sequences.flatMap { sequence in (1...sequence.count).map { Array(sequence.prefix($0)) } })
            #expect(PrefixTree(sequences).rowCount == prefixes.count, "\(sequences)")
        }
    }

    @Test("Each sequence's rows are its tokens at its positions, shared exactly where the prefix is")
    func rows() {
        for seed in 0..<300 {
            let sequences = randomSequences(seed: UInt64(seed))
            let tree = PrefixTree(sequences)
            let (tokens, positions) = (tree.tokens, tree.positions)
            var rowOfPrefix: [[Int32]: Int] = [:]
            for (index, sequence) in sequences.enumerated() {
                let rows = tree.rows(of: index).flatMap { Array($0) }
                #expect(rows.map { tokens[$0] } == sequence)
                #expect(rows.map { positions[$0] } == sequence.indices.map(Int64.init))
                #expect(rows == rows.sorted(), "a row's ancestors have smaller numbers")
                for (length, row) in rows.enumerated() {
                    let prefix = Array(sequence.prefix(length + 1))
                    #expect(rowOfPrefix[prefix, default: row] == row)
                    rowOfPrefix[prefix] = row
                }
            }
            #expect(Set(rowOfPrefix.values).count == tree.rowCount && tree.sequenceCount == sequences.count)
        }
    }

    @Test("Runs name no row twice and touching runs are joined")
    func runs() {
        for seed in 0..<300 {
            let sequences = randomSequences(seed: UInt64(seed))
            let tree = PrefixTree(sequences)
            for index in sequences.indices {
                let runs = tree.rows(of: index)
                #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
                #expect(runs.dropLast().allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test("The tree's shape depends on the sequences only, not on repeats")
    func repeats() {
        let sequences = randomSequences(seed: 5)
        #expect(PrefixTree(sequences + sequences + sequences.reversed()).tokens == PrefixTree(sequences).tokens)
        #expect(PrefixTree(sequences).tokens == PrefixTree(sequences).tokens)
    }

    @Test(
        "Known trees",
        arguments: [
            ([[1, 2, 3]], 3), ([[1, 2, 3], [1, 2, 3]], 3), ([[1, 2, 3], [1, 2]], 3), ([[1, 2], [1, 2, 3]], 3),
            ([[1, 2, 3], [1, 2, 4], [1, 5]], 5), ([[1], [2], [3]], 3), ([[1, 2, 3], [1, 2, 4], [1, 2]], 4), ([], 0),
        ] as [([[Int32]], Int)])
    func known(sequences: [[Int32]], rows: Int) { #expect(PrefixTree(sequences).rowCount == rows) }

    @Test("A long sequence and many branches take no long")
    func size() {
        let trunk = (0..<20_000).map { Int32($0 % 977) }
        let sequences = (0..<50).map { trunk + [Int32($0)] } + [trunk]
        #expect(PrefixTree(sequences).rowCount == 20_050)
    }

    @Test("Passes cover the rows once, in order, of about the size asked for", arguments: [1, 7, 64, 512])
    func passes(rowsPerPass: Int) {
        for rowCount in [0, 1, 5, 63, 64, 65, 96, 97, 700, 1500] {
            let ranges = PassPlan(rowCount: rowCount, rowsPerPass: rowsPerPass).ranges
            #expect(ranges.flatMap { Array($0) } == Array(0..<rowCount))
            #expect(ranges.allSatisfy { !$0.isEmpty && 2 * $0.count <= 3 * rowsPerPass + 2 })
        }
    }

    /// Few different tokens, so that prefixes are shared often; some sequences extend or repeat others.
    private func randomSequences(seed: UInt64) -> [[Int32]] {
        var generator = SplitMix64(state: seed)
        var sequences: [[Int32]] = []
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let start = Bool.random(using: &generator) ? sequences.randomElement(using: &generator) ?? [] : []
            let kept = start.prefix(Int.random(in: 0...start.count, using: &generator))
            let length = Int.random(in: kept.isEmpty ? 1...9 : 0...9, using: &generator)
            sequences.append(kept + (0..<length).map { _ in Int32.random(in: 0..<3, using: &generator) })
        }
        return sequences
    }
}
