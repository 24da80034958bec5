/// The block function Philox-4x32-10: a bijection of 128-bit counters for each 64-bit key, good enough to be a random
/// number for each counter.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11, section 4.3.
enum Philox4x32 {
    static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var state = counter
        var roundKey = key
        for round in 0..<10 {
            if round > 0 { roundKey &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
            let (high0, low0) = state.x.multipliedFullWidth(by: 0xD251_1F53)
            let (high1, low1) = state.z.multipliedFullWidth(by: 0xCD9E_8D57)
            state = SIMD4(high1 ^ state.y ^ roundKey.x, low1, high0 ^ state.w ^ roundKey.y, low0)
        }
        return state
    }

    /// The same over 64-bit words, low half first.
    static func block(counter: SIMD2<UInt64>, key: UInt64) -> SIMD2<UInt64> {
        let words = block(
            counter: SIMD4(low(counter.x), high(counter.x), low(counter.y), high(counter.y)),
            key: SIMD2(low(key), high(key)))
        return SIMD2(UInt64(words.x) | UInt64(words.y) << 32, UInt64(words.z) | UInt64(words.w) << 32)
    }

    private static func low(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word) }
    private static func high(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
}
