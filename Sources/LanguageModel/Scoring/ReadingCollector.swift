import Diagnostics
import Torch

/// Knows which rows a readout needs, reads them as passes deliver their hidden states, and puts each sequence's reading
/// together. A row or target that several sequences share is read once.
struct ReadingCollector {
    private let readout: Readout
    /// The row of every token of every sequence.
    private let rows: [[Int]]
    private let sequences: [[Int32]]
    /// Rows to read, rising.
    private let wanted: [Int]
    /// Targets by row, rising; empty where no tokens are read.
    private let targets: [Tensor.TokenTarget]
    private var heads: [Int: Double] = [:]
    private var candidates: [Int: [Double]] = [:]
    private var logits: [Tensor.TokenTarget: Double] = [:]
    private var logSumExps: [Int: Double] = [:]

    init(tree: PrefixTree, sequences: [[Int32]], readout: Readout) throws(Diagnostic) {
        self.readout = readout
        self.sequences = sequences
        let rows = sequences.indices.map { tree.rows(of: $0).flatMap { Array($0) } }
        self.rows = rows
        var targets: Set<Tensor.TokenTarget> = []
        var wanted: Set<Int> = []
        switch readout {
        case .head(let positions):
            guard positions.count == rows.count else { throw Self.wrongCount(positions, of: rows) }
            for (index, position) in positions.enumerated() {
                guard rows[index].indices.contains(position) else { throw Self.outside(position) }
                wanted.insert(rows[index][position])
            }
        case .meanHead: wanted = Set(rows.joined())
        case .candidates: wanted = Set(rows.compactMap(\.last))
        case .tokens(let starts, _):
            guard starts.count == rows.count else { throw Self.wrongCount(starts, of: rows) }
            for (index, start) in starts.enumerated() {
                guard start >= 1, start <= rows[index].count else { throw Self.outside(start) }
                for position in start..<rows[index].count {
                    targets.insert(.init(row: rows[index][position - 1], token: sequences[index][position]))
                }
            }
            wanted = Set(targets.map(\.row))
        }
        self.wanted = wanted.sorted()
        self.targets = targets.sorted { ($0.row, $0.token) < ($1.row, $1.token) }
    }

    private static func wrongCount(_ positions: [Int], of sequences: [[Int]]) -> Diagnostic {
        Diagnostic(.internalFailure, "\(positions.count) positions to read for \(sequences.count) sequences")
    }

    private static func outside(_ position: Int) -> Diagnostic {
        Diagnostic(.internalFailure, "position \(position) to read lies outside its sequence")
    }

    /// The rows to read among some consecutive rows, rising.
    func wantedRows(in range: Range<Int>) -> [Int] {
        let first = wanted.partitioningIndex { $0 >= range.lowerBound }
        let last = wanted.partitioningIndex { $0 >= range.upperBound }
        return Array(wanted[first..<last])
    }

    /// Reads the hidden states [rows, width] of `rows`.
    mutating func collect(_ hidden: Tensor, rows: [Int], from decoder: Decoder) throws(Diagnostic) {
        guard !rows.isEmpty else { return }
        switch readout {
        case .head, .meanHead:
            for (row, score) in zip(rows, try decoder.headScores(hidden)) { heads[row] = score }
        case .candidates(let tokens):
            let values = try decoder.logits(hidden, of: tokens).doubles()
            for (index, row) in rows.enumerated() {
                candidates[row] = Array(values[index * tokens.count..<(index + 1) * tokens.count])
            }
        case .tokens(_, let temperature):
            try collectTokens(hidden, rows: rows, temperature: temperature, from: decoder)
        }
    }

    private mutating func collectTokens(
        _ hidden: Tensor, rows: [Int], temperature: Double, from decoder: Decoder
    ) throws(Diagnostic) {
        let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        let first = targets.partitioningIndex { $0.row >= rows[0] }
        let last = targets.partitioningIndex { $0.row > rows[rows.count - 1] }
        let here = targets[first..<last]
        let read = try hidden.tokenLogits(
            weight: try decoder.requireLanguageHead().weight(),
            targets: here.compactMap { target in place[target.row].map { .init(row: $0, token: target.token) } },
            softCap: decoder.configuration.logitSoftCap, temperature: temperature)
        for (target, logit) in zip(here, read.chosen) { logits[target] = logit }
        for (row, value) in zip(rows, read.logSumExp) { logSumExps[row] = value }
    }

    /// One reading a sequence, once every pass has been collected.
    func readings() -> [SequenceReading] {
        sequences.indices.map { index in
            switch readout {
            case .head(let positions): .head(heads[rows[index][positions[index]]] ?? .nan)
            case .meanHead: .head(rows[index].reduce(0) { $0 + (heads[$1] ?? .nan) } / Double(rows[index].count))
            case .candidates: .candidates(rows[index].last.flatMap { candidates[$0] } ?? [])
            case .tokens(let starts, _): tokens(of: index, from: starts[index])
            }
        }
    }

    private func tokens(of index: Int, from start: Int) -> SequenceReading {
        let positions = start..<rows[index].count
        return .tokens(
            chosen: positions.map {
                logits[.init(row: rows[index][$0 - 1], token: sequences[index][$0])] ?? .nan
            },
            logSumExp: positions.map { logSumExps[rows[index][$0 - 1]] ?? .nan })
    }
}

extension Array {
    /// The first index whose element satisfies a condition that, once true, stays true.
    func partitioningIndex(where belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
