import Foundation
import Testing

@testable import LanguageModel

/// How a token is chosen from logits, without a model.
@Suite struct SamplingTests {
    /// Probabilities 0.4, 0.3, 0.2, 0.1 in scrambled order.
    private let logits: [Float] = [0.2, 0.4, 0.1, 0.3].map { Float(log($0)) }

    private func drawn(_ sampling: Sampling, _ logits: [Float], count: Int = 4000) -> [Int32: Double] {
        var counts: [Int32: Double] = [:]
        for item in 0..<count { counts[sampling.choose(logits[...], step: 0, item: item), default: 0] += 1 }
        return counts.mapValues { $0 / Double(count) }
    }

    /// Each share is within five standard errors.
    private func expect(_ shares: [Int32: Double], _ expected: [Int32: Double], count: Double = 4000) {
        #expect(Set(shares.keys) == Set(expected.keys), "\(shares)")
        for (token, probability) in expected {
            let error = (probability * (1 - probability) / count).squareRoot()
            #expect(abs((shares[token] ?? 0) - probability) <= 5 * error, "\(token): \(shares)")
        }
    }

    @Test("Shares are the softmax's at any temperature")
    func softmax() {
        expect(drawn(Sampling(), logits), [0: 0.2, 1: 0.4, 2: 0.1, 3: 0.3])
        let squares = [0: 0.04, 1: 0.16, 2: 0.01, 3: 0.09] as [Int32: Double]
        expect(drawn(Sampling(temperature: 0.5), logits), squares.mapValues { $0 / 0.3 })
    }

    @Test("Top-k and top-p keep the most likely tokens, renormalised")
    func truncation() {
        expect(drawn(Sampling(topK: 2), logits), [1: 4 / 7.0, 3: 3 / 7.0])
        expect(drawn(Sampling(topP: 0.65), logits), [1: 4 / 7.0, 3: 3 / 7.0])
        expect(drawn(Sampling(topP: 0.75), logits), [1: 4 / 9.0, 3: 3 / 9.0, 0: 2 / 9.0])
        expect(drawn(Sampling(topK: 3, topP: 0.5), logits), [1: 4 / 7.0, 3: 3 / 7.0])
        expect(drawn(Sampling(topK: 100, topP: 1), logits), [0: 0.2, 1: 0.4, 2: 0.1, 3: 0.3])
        expect(drawn(Sampling(topK: 0), logits), [1: 1])
    }

    @Test("Ties go to the smaller id, in greedy choice and at the edge of top-k")
    func ties() {
        let flat: [Float] = [1, 2, 2, 2]
        #expect(Sampling.greedy.choose(flat[...], step: 0, item: 0) == 1)
        expect(drawn(Sampling(topK: 2), flat), [1: 0.5, 2: 0.5])
    }

    @Test("A slice of a larger array is read from its own beginning")
    func slices() {
        let many: [Float] = [9, 9, 1, 5, 2]
        #expect(Sampling.greedy.choose(many[2...], step: 0, item: 0) == 1)
        #expect(drawn(Sampling(temperature: 0.01), Array(many[2...])).keys.map(\.self) == [1])
        #expect(Sampling(temperature: 0.01).choose(many[2...], step: 0, item: 0) == 1)
    }

    @Test("A draw is a function of seed, step and item")
    func keys() {
        let wide = [Float](repeating: 0, count: 1000)
        func draw(_ seed: UInt64, _ step: Int, _ item: Int) -> Int32 {
            Sampling(seed: seed).choose(wide[...], step: step, item: item)
        }
        #expect(draw(1, 2, 3) == draw(1, 2, 3))
        #expect(Set((0..<10).map { draw($0, 0, 0) }).count > 5)
        #expect(Set((0..<10).map { draw(0, $0, 0) }).count > 5)
        #expect(Set((0..<10).map { draw(0, 0, $0) }).count > 5)
    }

    @Test("Infinite logits are never or always drawn")
    func infinities() {
        #expect(drawn(Sampling(), [-.infinity, 0, -.infinity], count: 100).keys.map(\.self) == [1])
        #expect(Sampling.greedy.choose([-.infinity, -.infinity, 0][...], step: 0, item: 0) == 2)
    }
}
