import Diagnostics
import Foundation
import JSON
import Statistics
import Testing

@Suite struct SelectionTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("selection") }

    @Test("Best-of-n equals the mean over all subsets, ties included")
    func bestOfN() throws {
        for row in fixture["bestOfN"] {
            for (index, expected) in row.numbers("expected").enumerated() {
                let value = try unbiasedBestOfN(
                    rewards: row.numbers("rewards"), golds: row.numbers("golds"), n: index + 1)
                #expect(agree(value, expected, absolute: 1e-13), "\(row) n \(index + 1)")
            }
        }
    }

    @Test("Best-of-n stays exact for thousands of samples")
    func manySamples() throws {
        let count = 4000
        let rewards = (0..<count).map { Double($0) }
        // The rank of the best of n out of N is n(N+1)/(n+1) on average.
        for n in [1, 2, 100, 3999, 4000] {
            let expected = Double(n) * Double(count + 1) / Double(n + 1) - 1
            #expect(agree(try unbiasedBestOfN(rewards: rewards, golds: rewards, n: n), expected))
        }
        let tied = try unbiasedBestOfN(rewards: [Double](repeating: 0, count: count), golds: rewards, n: 64)
        #expect(agree(tied, Double(count - 1) / 2))
    }

    @Test("A missing reward or gold, or too few samples, is refused; an infinite reward is a rank")
    func badInput() throws {
        #expect(throws: Diagnostic.self) { try unbiasedBestOfN(rewards: [.nan], golds: [1], n: 1) }
        #expect(throws: Diagnostic.self) { try unbiasedBestOfN(rewards: [1], golds: [.nan], n: 1) }
        #expect(throws: Diagnostic.self) { try unbiasedBestOfN(rewards: [1], golds: [1], n: 2) }
        #expect(throws: Diagnostic.self) { try unbiasedBestOfN(rewards: [], golds: [], n: 1) }
        #expect(throws: Diagnostic.self) { try unbiasedBestOfN(rewards: [1, 2], golds: [1, 2], n: 0) }
        #expect(try unbiasedBestOfN(rewards: [-.infinity, 0], golds: [5, 7], n: 2) == 7)
    }

    @Test("The bound on best-of-n's divergence is met by enumeration over ranks")
    func divergenceBound() {
        #expect(bestOfNDivergenceBound(1) == 0)
        for n in [2, 16] {
            // KL of the maximum of n among very many equally likely responses without ties.
            let grid = 200_000
            let divergence = (0..<grid).reduce(0.0) { sum, rank in
                let high = pow(Double(rank + 1) / Double(grid), Double(n))
                let mass = high - pow(Double(rank) / Double(grid), Double(n))
                return mass > 0 ? sum + mass * log(mass * Double(grid)) : sum
            }
            #expect(agree(divergence, bestOfNDivergenceBound(n), relative: 1e-4))
        }
    }

    @Test("pass@k agrees with its binomials")
    func pass() throws {
        for row in fixture["passAtK"].map(\.numbers) {
            let value = try passAtK(correct: Int(row[0]), total: Int(row[1]), k: Int(row[2]))
            #expect(agree(value, row[3], absolute: 1e-13), "\(row)")
        }
        #expect(throws: Diagnostic.self) { try passAtK(correct: 2, total: 1, k: 1) }
        #expect(throws: Diagnostic.self) { try passAtK(correct: 0, total: 3, k: 4) }
        #expect(throws: Diagnostic.self) { try passAtK(correct: 0, total: 3, k: 0) }
    }
}
