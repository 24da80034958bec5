/// The tokens of one piece while they are being merged, reused from piece to piece.
struct TokenSymbols {
    /// The token and the number of bytes that it covers; none where merged into the one on its left.
    private(set) var ids: [Int32] = []
    private(set) var lengths: [Int32] = []
    private var merges: [MergeTable.Merge] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var queue = MergeQueue()

    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    mutating func append(_ id: Int32, length: Int) {
        ids.append(id)
        lengths.append(Int32(truncatingIfNeeded: length))
    }

    /// Merges, best rank first and of equal ranks the leftmost first, until nothing merges.
    mutating func merge(by table: MergeTable) {
        guard ids.count > 1 else { return }
        if ids.count <= 40 { mergeFew(by: table) } else { mergeMany(by: table) }
    }

    /// Looks for the best merge among all, which for few symbols beats a queue.
    private mutating func mergeFew(by table: MergeTable) {
        merges.removeAll(keepingCapacity: true)
        for index in 0..<ids.count - 1 { merges.append(table.merge(ids[index], ids[index + 1])) }
        while let best = bestMerge() {
            ids[best] = MergeTable.result(of: merges[best])
            lengths[best] += lengths[best + 1]
            ids.remove(at: best + 1)
            lengths.remove(at: best + 1)
            merges.remove(at: best)
            if best < merges.count { merges[best] = table.merge(ids[best], ids[best + 1]) }
            if best > 0 { merges[best - 1] = table.merge(ids[best - 1], ids[best]) }
        }
    }

    private func bestMerge() -> Int? {
        var (best, bestIndex) = (MergeTable.none, -1)
        for index in merges.indices where merges[index] < best { (best, bestIndex) = (merges[index], index) }
        return bestIndex < 0 ? nil : bestIndex
    }
}

// MARK: - Long pieces

extension TokenSymbols {
    /// Keeps possible merges in a queue, so that a piece of n symbols takes n·log n steps.
    private mutating func mergeMany(by table: MergeTable) {
        link()
        queue.removeAll()
        for index in 0..<ids.count - 1 { enqueue(index, table) }
        while let (index, merge) = queue.popFirst() {
            guard lengths[index] > 0, let right = successor(of: index),
                MergeTable.result(of: table.merge(ids[index], ids[right])) == MergeTable.result(of: merge),
                table.merge(ids[index], ids[right]) != MergeTable.none
            else { continue }
            absorb(right, into: index, as: MergeTable.result(of: merge))
            if previous[index] >= 0 { enqueue(Int(previous[index]), table) }
            enqueue(index, table)
        }
        removeAbsorbed()
    }

    private mutating func link() {
        let count = Int32(ids.count)
        next = Array(1..<count + 1)
        previous = Array(-1..<count - 1)
    }

    private func successor(of index: Int) -> Int? {
        let right = Int(next[index])
        return right < ids.count ? right : nil
    }

    private mutating func enqueue(_ index: Int, _ table: MergeTable) {
        guard let right = successor(of: index) else { return }
        let merge = table.merge(ids[index], ids[right])
        if merge != MergeTable.none { queue.insert(index, merge) }
    }

    private mutating func absorb(_ right: Int, into index: Int, as id: Int32) {
        ids[index] = id
        lengths[index] += lengths[right]
        lengths[right] = 0
        next[index] = next[right]
        if let new = successor(of: index) { previous[new] = Int32(index) }
    }

    private mutating func removeAbsorbed() {
        var kept = 0
        for index in ids.indices where lengths[index] > 0 {
            ids[kept] = ids[index]
            lengths[kept] = lengths[index]
            kept += 1
        }
        ids.removeLast(ids.count - kept)
        lengths.removeLast(lengths.count - kept)
    }
}
