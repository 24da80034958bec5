import JSON
import Testing

@testable import Statistics

@Suite struct RandomStreamTests {
    @Test("Philox gives the known answers of the Random123 distribution")
    func knownAnswers() {
        let cases: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
            (SIMD4(repeating: 0), SIMD2(repeating: 0), SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
            (
                SIMD4(repeating: .max), SIMD2(repeating: .max),
                SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
            ),
            (
                SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), SIMD2(0xA409_3822, 0x299F_31D0),
                SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
            ),
        ]
        for (counter, key, expected) in cases { #expect(Philox4x32.block(counter: counter, key: key) == expected) }
    }

    @Test("A key's words do not change between versions, and are what its documentation says")
    func wordsArePinned() throws {
        for row in try Fixture("streams")["words"] {
            var stream = RandomStream(
                seed: try #require(UInt64(row[0].stringValue ?? "")), purpose: try #require(row[1].stringValue),
                step: UInt64(row[2].integer), item: UInt64(row[3].integer))
            let expected = row[4].arrayValue!.map { $0.stringValue! }
            #expect(expected.indices.map { _ in String(stream.next()) } == expected)
        }
    }

    @Test("Seed, purpose, step and item each give another stream")
    func keysDiffer() {
        var keys: [RandomStream] = []
        for seed: UInt64 in [0, 1] {
            for purpose in ["a", "b"] {
                for step: UInt64 in [0, 1] {
                    for item: UInt64 in [0, 1] {
                        keys.append(RandomStream(seed: seed, purpose: purpose, step: step, item: item))
                    }
                }
            }
        }
        let firsts = Set(
            keys.map { stream in
                var copy = stream; return copy.next()
            })
        #expect(firsts.count == keys.count)
    }

    @Test("A stream can be taken up again at a position")
    func positions() {
        var stream = RandomStream(seed: 1, purpose: "resume")
        let words = (0..<9).map { _ in stream.next() }
        for start in [0, 3, 4, 8] {
            var again = RandomStream(seed: 1, purpose: "resume")
            again.position = UInt64(start)
            #expect(again.next() == words[start])
        }
        #expect(stream.position == 9)
    }

    @Test("Uniform, normal and Gumbel numbers have the moments they should")
    func moments() throws {
        var stream = RandomStream(seed: 2, purpose: "moments")
        let n = 20_000
        let uniform = try Moments((0..<n).map { _ in stream.uniform() })
        let normal = try Moments((0..<n).map { _ in stream.normal() })
        let gumbel = try Moments((0..<n).map { _ in stream.gumbel() })
        let error = 4 / Double(n).squareRoot()
        #expect(agree(uniform.mean, 0.5, absolute: error * (1.0 / 12).squareRoot()))
        #expect(agree(uniform.variance!, 1.0 / 12, absolute: error * (1.0 / 180).squareRoot()))
        #expect(uniform.minimum >= 0 && uniform.maximum < 1)
        #expect(agree(normal.mean, 0, absolute: error))
        #expect(agree(normal.variance!, 1, absolute: error * 2.0.squareRoot()))
        #expect(agree(normal.skewness!, 0, absolute: error * 6.0.squareRoot()))
        #expect(agree(normal.excessKurtosis!, 0, absolute: error * 24.0.squareRoot()))
        #expect(agree(gumbel.mean, 0.5772156649, absolute: error * 1.2825))
    }

    @Test("Integers below n are uniform, also where n does not divide the words")
    func below() {
        var stream = RandomStream(seed: 3, purpose: "below")
        for n in [1, 2, 7, 10] {
            var counts = [Int](repeating: 0, count: n)
            let draws = 7000
            for _ in 0..<draws { counts[stream.below(n)] += 1 }
            let expected = Double(draws) / Double(n)
            let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            if n > 1 { #expect(ChiSquareDistribution(degreesOfFreedom: Double(n - 1)).survival(chiSquare) > 1e-4) }
        }
        // Three eighths of the range of words: many products need the rejection step.
        let n = Int.max / 4 * 3
        #expect((0..<100).allSatisfy { _ in (0..<n).contains(stream.below(n)) })
    }

    @Test("Every order of four elements comes up equally often")
    func shuffles() {
        var stream = RandomStream(seed: 4, purpose: "shuffle")
        var counts: [[Int]: Int] = [:]
        for _ in 0..<4800 { counts[stream.permutation(4), default: 0] += 1 }
        let chiSquare = counts.values.reduce(0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
        #expect(counts.count == 24)
        #expect(ChiSquareDistribution(degreesOfFreedom: 23).survival(chiSquare) > 1e-4)
        #expect(stream.shuffled(["a", "b", "c"]).sorted() == ["a", "b", "c"])
    }

    @Test("Draws without replacement are distinct and reach every set equally often")
    func samples() {
        var stream = RandomStream(seed: 5, purpose: "sample")
        var counts: [Set<Int>: Int] = [:]
        for _ in 0..<3000 { counts[Set(stream.sample(2, of: 4)), default: 0] += 1 }
        let chiSquare = counts.values.reduce(0) { $0 + (Double($1) - 500) * (Double($1) - 500) / 500 }
        #expect(counts.count == 6)
        #expect(counts.keys.allSatisfy { $0.count == 2 })
        #expect(ChiSquareDistribution(degreesOfFreedom: 5).survival(chiSquare) > 1e-4)
    }

    @Test("A weighted index follows its weights and never takes a weight of 0")
    func weights() {
        var stream = RandomStream(seed: 6, purpose: "weights")
        var counts = [0, 0, 0, 0]
        for _ in 0..<8000 { counts[stream.index(weights: [0, 1, 3, 0])] += 1 }
        #expect(counts[0] == 0 && counts[3] == 0)
        #expect(agree(Double(counts[2]) / 8000, 0.75, absolute: monteCarloTolerance(0.75, replicates: 8000)))
    }
}
