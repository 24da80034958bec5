/// Which pairs of tokens merge, in which order of preference, and into what.
struct MergeTable: Sendable {
    /// The rank of a merge in the upper, the resulting ID in the lower half; merges compare as their ranks do.
    typealias Merge = UInt64
    static let none = Merge.max

    /// A pair and its merge lie side by side, so that a look-up touches one line of the cache.
    private struct Slot {
        var key: UInt64
        var merge: Merge
    }

    private var slots: [Slot]
    private let mask: Int
    private static let free = UInt64.max

    /// - Parameter capacity: the number of merges there will be at most.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Slot](repeating: Slot(key: Self.free, merge: Self.none), count: size)
        mask = size - 1
    }

    /// Sets what a pair merges into; a pair given again takes the later rank.
    mutating func set(_ left: Int32, _ right: Int32, rank: UInt32, result: Int32) {
        let key = Self.key(left, right)
        let slot = slot(of: key)
        slots[slot] = Slot(key: key, merge: Merge(rank) << 32 | Merge(UInt32(bitPattern: result)))
    }

    /// The merge of a pair, or ``none``.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge { slots[slot(of: Self.key(left, right))].merge }

    @inline(__always)
    static func result(of merge: Merge) -> Int32 { Int32(truncatingIfNeeded: merge) }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The slot that holds a key, or the free one where it belongs. The mixing is that of MurmurHash3's 64-bit finalizer.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var hash = key
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        var slot = Int(truncatingIfNeeded: hash ^ hash >> 33) & mask
        while slots[slot].key != key, slots[slot].key != Self.free { slot = (slot + 1) & mask }
        return slot
    }
}
