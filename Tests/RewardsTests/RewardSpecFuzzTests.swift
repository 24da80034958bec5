import Diagnostics
import Foundation
import JSON
import Rewards
import Testing

/// Damaged specs are read or refused, never worse; `ASSAY_SOAK=100000` makes that many.
@Suite struct RewardSpecFuzzTests {
    static let seeds = [
        "explicit:models/skywork?pool=last", "implicit:a?reference=none&beta=0.01",
        "recorded:a%2Cb%3F.jsonl?format=rows",
        "mean:[rule:length,min:[rule:coin?seed=1,recorded:é]]?weights=2:1", "rule:coin?seed=18446744073709551615",
        "sham:[gold,vote?after=%23]", "planted?accuracy=0.8", "bonus:length?weight=-1",
    ]

    @Test("What is read is canonical after one reading, and what is refused says where")
    func mutants() throws {
        var generator = SplitMix64(state: 19)
        var (read, refused) = (0, 0)
        for _ in 0..<Self.count {
            let text = mutant(using: &generator)
            do throws(Diagnostic) {
                let spec = try RewardSpec(parsing: text)
                #expect(try RewardSpec(parsing: spec.description) == spec, "\(text.debugDescription)")
                #expect(try RewardSpec(map: spec.map) == spec, "\(text.debugDescription)")
                read += 1
            } catch {
                #expect(error.category == .usage && error.location.field?.contains("character") == true)
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0)
    }

    private func mutant(using generator: inout SplitMix64) -> String {
        var bytes = Array((Self.seeds.randomElement(using: &generator) ?? "").utf8)
        let telling = Array(":?&=,[]%0aF é".utf8) + [0x00, 0xFF, 0x0A]
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 1...9, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var count: Int { ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init) ?? 5000 }
}

/// A repeatable generator (SplitMix64; Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
