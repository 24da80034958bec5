import Diagnostics
import Torch

/// What a batch gave and what it took.
public struct BatchReading: Sendable {
    /// One a sequence, in order.
    public var readings: [SequenceReading]
    /// Tokens that went through the layers: the rows of the batch's prefix tree.
    public var tokensComputed: Int
}

extension Decoder {
    /// Rows that go through the layers together at most; longer batches go in parts that see each other through a cache.
    public static let defaultRowsPerPass = 512

    /// Reads every sequence, computing each shared prefix once. No padding, no gradient.
    ///
    /// - Parameters:
    ///   - sequences: token ids, none empty.
    ///   - readout: what to read; its positions count from 0 in each sequence.
    ///   - rowsPerPass: rows that go through the layers together.
    public func read(
        _ sequences: [[Int32]], _ readout: Readout, rowsPerPass: Int = defaultRowsPerPass
    ) throws(Diagnostic) -> BatchReading {
        let tree = try PrefixTree(checking: sequences)
        var collector = try ReadingCollector(tree: tree, sequences: sequences, readout: readout)
        let passes = PassPlan(rowCount: tree.rowCount, rowsPerPass: rowsPerPass)
        try noGrad { () throws(Diagnostic) in
            let cache = passes.ranges.count > 1 ? try makeCache(rows: tree.rowCount) : nil
            let (tokens, positions) = (tree.tokens, tree.positions)
            for rows in passes.ranges {
                let wanted = collector.wantedRows(in: rows)
                let isLast = rows.upperBound == tree.rowCount
                guard !wanted.isEmpty || !isLast else { continue }
                let pass = tree.pass(rows, wanted: wanted, positions: positions, isCached: cache != nil)
                let hidden = try hiddenStates(tokens: Array(tokens[rows]), pass: pass, cache: cache)
                try collector.collect(hidden, rows: wanted, from: self)
            }
        }
        return BatchReading(readings: collector.readings(), tokensComputed: tree.rowCount)
    }
}

/// Cuts a batch's rows into parts of about equal size.
struct PassPlan {
    let ranges: [Range<Int>]

    init(rowCount: Int, rowsPerPass: Int) {
        // One pass may run half over, which costs less than a short second pass.
        let parts = max(1, Int((Double(rowCount) / Double(max(rowsPerPass, 1))).rounded()))
        let size = (rowCount + parts - 1) / parts
        ranges = stride(from: 0, to: rowCount, by: max(size, 1)).map { $0..<min($0 + size, rowCount) }
    }
}

extension PrefixTree {
    /// The pass through the layers of some consecutive rows.
    func pass(_ rows: Range<Int>, wanted: [Int], positions: [Int64], isCached: Bool) -> DecoderPass {
        let runs = runs(in: rows)
        var segments = SegmentMap()
        var wantedSegments = SegmentMap()
        var next = 0
        for run in runs {
            segments.append(
                queries: run.rows.lowerBound - rows.lowerBound..<run.rows.upperBound - rows.lowerBound,
                keys: keys(of: run.node, upTo: run.rows.upperBound, base: rows.lowerBound, isCached: isCached))
            while next < wanted.count, run.rows.contains(wanted[next]) {
                let start = next
                repeat {
                    next += 1
                } while next < wanted.count && wanted[next] == wanted[next - 1] + 1
                    && run.rows.contains(wanted[next])
                wantedSegments.append(
                    queries: start..<next,
                    keys: keys(of: run.node, upTo: wanted[next - 1] + 1, base: rows.lowerBound, isCached: isCached))
            }
        }
        return DecoderPass(
            cacheRows: isCached ? Array(rows) : nil, positions: Array(positions[rows]), segments: segments,
            wanted: wanted.map { $0 - rows.lowerBound }, wantedSegments: wantedSegments)
    }

    private func runs(in rows: Range<Int>) -> [(node: Int, rows: Range<Int>)] {
        nodesByRow.compactMap { node in
            let own = nodes[node].firstRow..<nodes[node].firstRow + nodes[node].tokens.count
            let part = own.clamped(to: rows)
            return part.isEmpty ? nil : (node, part)
        }
    }

    private func keys(of node: Int, upTo end: Int, base: Int, isCached: Bool) -> [SegmentMap.KeyRange] {
        var path = ancestors(of: node)
        if let last = path.last, last.upperBound == nodes[node].firstRow {
            path[path.count - 1] = last.lowerBound..<end
        } else {
            path.append(nodes[node].firstRow..<end)
        }
        return path.map {
            SegmentMap.KeyRange(
                isCached: isCached, rows: isCached ? $0 : $0.lowerBound - base..<$0.upperBound - base)
        }
    }
}
