/// A binary heap of merges by rank, then by place.
struct MergeQueue {
    private struct Entry {
        var merge: MergeTable.Merge
        var index: Int

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.merge != right.merge ? left.merge < right.merge : left.index < right.index
        }
    }

    private var entries: [Entry] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func insert(_ index: Int, _ merge: MergeTable.Merge) {
        entries.append(Entry(merge: merge, index: index))
        var child = entries.count - 1
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popFirst() -> (index: Int, merge: MergeTable.Merge)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.index, first.merge)
    }

    private mutating func sink() {
        var parent = 0
        while 2 * parent + 1 < entries.count {
            var child = 2 * parent + 1
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(parent, child)
            parent = child
        }
    }
}
