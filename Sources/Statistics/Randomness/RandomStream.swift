/// A random stream that is a pure function of (seed, purpose, step, item), so arms of a study can share their draws and a
/// resumed run continues as if it had never stopped.
///
/// Words are Philox-4x32-10 blocks. The key is the block of (purpose, step) under the seed; the counter is (position, item).
/// So two items of one step never share a word, and other streams meet only by a collision of 64-bit keys. The purpose
/// enters as its 64-bit FNV-1a hash. What a key draws is part of the program's contract: it does not change between
/// versions, and it does not use the standard library's shuffles, whose algorithm may.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private let key: UInt64
    private let item: UInt64
    private var blockIndex = UInt64.max
    private var block = SIMD2<UInt64>()
    /// How many 64-bit words have been drawn; set it to go on from there.
    public var position: UInt64 = 0

    /// - Parameters:
    ///   - seed: the study's seed.
    ///   - purpose: what the numbers are for, such as `sampling` or `bootstrap`.
    ///   - step: the step of a run.
    ///   - item: the row, response or replicate.
    public init(seed: UInt64, purpose: String, step: UInt64 = 0, item: UInt64 = 0) {
        key = Philox4x32.block(counter: SIMD2(RandomStream.hash(purpose), step), key: seed).x
        self.item = item
    }

    public mutating func next() -> UInt64 {
        let index = position >> 1
        if index != blockIndex {
            block = Philox4x32.block(counter: SIMD2(index, item), key: key)
            blockIndex = index
        }
        let word = position & 1 == 0 ? block.x : block.y
        position &+= 1
        return word
    }

    /// FNV-1a, 64 bits (Fowler, Noll and Vo).
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
