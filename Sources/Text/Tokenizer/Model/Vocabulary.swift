/// The model's tokens by their bytes and by ID.
///
/// Tokens are told apart by their UTF-8 bytes. Swift's `String` holds canonically equivalent strings equal; two such
/// tokens (a composed and a decomposed `é`) are two tokens here.
struct Vocabulary: Sendable {
    private var bytes: [UInt8] = []
    /// Where each entry's bytes start, and the end of the last.
    private var starts: [Int] = [0]
    private var entryIDs: [Int32] = []
    /// Entry indices by hash, with linear probing; -1 is free.
    private var slots: [Int32]
    /// Entry indices in the order of their IDs.
    private var entriesByID: [Int32] = []
    private let mask: Int

    /// - Parameter capacity: the number of tokens there will be at most.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
        starts.reserveCapacity(capacity + 1)
        entryIDs.reserveCapacity(capacity)
    }

    var count: Int { entryIDs.count }

    /// Adds a token that is not there yet.
    ///
    /// - Returns: whether it was new.
    mutating func insert(_ token: UnsafeBufferPointer<UInt8>, id: Int32) -> Bool {
        let slot = slot(of: token)
        guard slots[slot] < 0, count <= mask / 2 else { return false }
        slots[slot] = Int32(entryIDs.count)
        bytes.append(contentsOf: token)
        starts.append(bytes.count)
        entryIDs.append(id)
        return true
    }

    /// Makes look-up by ID possible, after the last `insert`.
    ///
    /// - Returns: an ID that two tokens have, where there is one.
    mutating func indexIDs() -> Int32? {
        entriesByID = (0..<Int32(count)).sorted { entryIDs[Int($0)] < entryIDs[Int($1)] }
        for (left, right) in zip(entriesByID, entriesByID.dropFirst()) where entryIDs[Int(left)] == entryIDs[Int(right)]
        {
            return entryIDs[Int(left)]
        }
        return nil
    }

    /// The ID of a token given by its bytes.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        let entry = slots[slot(of: token)]
        return entry < 0 ? nil : entryIDs[Int(entry)]
    }

    func id(of token: some Sequence<UInt8>) -> Int32? {
        Array(token).withUnsafeBufferPointer { id(of: $0) }
    }

    /// The bytes of the token that has an ID.
    func token(of id: Int32) -> ArraySlice<UInt8>? {
        guard let entry = entry(of: id) else { return nil }
        return bytes[starts[entry]..<starts[entry + 1]]
    }

    /// Every token with its ID.
    var tokens: some Sequence<(bytes: ArraySlice<UInt8>, id: Int32)> {
        (0..<count).lazy.map { (bytes[starts[$0]..<starts[$0 + 1]], entryIDs[$0]) }
    }

    /// IDs are nearly always 0, 1, 2 …, so an ID's place is looked at before searching.
    private func entry(of id: Int32) -> Int? {
        guard id >= 0, let last = entriesByID.last, id <= entryIDs[Int(last)] else { return nil }
        if Int(id) < count, entryIDs[Int(entriesByID[Int(id)])] == id { return Int(entriesByID[Int(id)]) }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if entryIDs[Int(entriesByID[middle])] < id { low = middle + 1 } else { high = middle }
        }
        guard low < count, entryIDs[Int(entriesByID[low])] == id else { return nil }
        return Int(entriesByID[low])
    }

    /// The slot that holds a token, or the free one where it belongs.
    private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(token))
        var slot = hasher.finalize() & mask
        while slots[slot] >= 0, !isEntry(Int(slots[slot]), equalTo: token) { slot = (slot + 1) & mask }
        return slot
    }

    private func isEntry(_ entry: Int, equalTo token: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[entry]
        guard starts[entry + 1] - start == token.count else { return false }
        return token.indices.allSatisfy { bytes[start + $0] == token[$0] }
    }
}
