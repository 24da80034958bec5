import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct EnumerationTests {
    private let fixture: VerdictFixture

    init() throws { fixture = try VerdictFixture("enumeration") }

    @Test("Best-of-n is what enumerating every tuple of draws gives, ties included")
    func bestOfN() throws {
        for row in fixture["bestOfN"] {
            let base = try EnumeratedDistribution(probabilities: row.numbers("p"))
            let n = Int(row.number("n"))
            let picked = try base.bestOfN(n, rewards: row.numbers("rewards"))
            #expect(agree(picked.probabilities, row.numbers("picked"), relative: 1e-9))
            let divergence = try picked.divergence(from: base)
            #expect(agree(divergence, row.number("divergence"), relative: 1e-9, absolute: 1e-13))
            #expect(agree(try picked.expectation(of: row.numbers("gold")), row.number("expected"), relative: 1e-9))
            #expect(divergence <= bestOfNDivergenceBound(n) + 1e-12)
        }
    }

    @Test("Best-of-n keeps its digits where n is large or a response hardly ever happens")
    func extremes() throws {
        let base = try EnumeratedDistribution(logProbabilities: [-800, 0, -60])
        let picked = try base.bestOfN(1_000_000, rewards: [2, 0, 1])
        #expect(agree(picked.logProbabilities[2], -60 + 13.815510557964274, relative: 1e-12))
        #expect(agree(picked.logProbabilities[0], -800 + 13.815510557964274, relative: 1e-12))
        let likely = try EnumeratedDistribution(probabilities: [0.5, 0.5]).bestOfN(60, rewards: [0, 1])
        #expect(agree(likely.logProbabilities[0], -60 * 0.6931471805599453, relative: 1e-12))
        let impossible = try EnumeratedDistribution(probabilities: [0, 1]).bestOfN(4, rewards: [1, 0])
        #expect(impossible.probabilities == [0, 1])
        #expect(try picked.bestOfN(1, rewards: [0, 0, 0]).logProbabilities == picked.logProbabilities)
    }

    @Test("The unbiased estimate from samples averages to the exact best-of-n")
    func estimatorIsUnbiased() throws {
        let base = try EnumeratedDistribution(probabilities: [0.5, 0.3, 0.2])
        let (rewards, gold) = ([0.0, 1, 1], [0.2, 0.9, -0.4])
        let exact = try base.bestOfN(3, rewards: rewards).expectation(of: gold)
        var stream = RandomStream(seed: 3, purpose: "samples")
        let estimates = try (0..<3000).map { _ in
            let draws = (0..<6).map { _ in stream.index(weights: base.probabilities) }
            return try unbiasedBestOfN(rewards: draws.map { rewards[$0] }, golds: draws.map { gold[$0] }, n: 3)
        }
        let mean = try studentMean(estimates, level: 0.9999)
        #expect(mean.interval.contains(exact), "\(mean) \(exact)")
    }

    @Test("A tilt, its divergence, entropy and pass@k agree with SciPy")
    func tilt() throws {
        for row in fixture["tilt"] {
            let base = try EnumeratedDistribution(probabilities: row.numbers("p"))
            let tilted = try base.tilted(by: row.numbers("rewards"), beta: row.number("beta"))
            #expect(agree(tilted.probabilities, row.numbers("tilted")))
            #expect(agree(try tilted.divergence(from: base), row.number("divergence"), relative: 1e-9))
            #expect(agree(try tilted.expectation(of: row.numbers("rewards")), row.number("expected")))
            #expect(agree(base.entropy, row.number("entropy")))
            let pass = try base.passAtK(3, correct: row["correct"]?.booleans ?? [])
            #expect(agree(pass, row.number("pass3"), absolute: 1e-12))
            #expect(try base.tilted(by: row.numbers("rewards"), beta: .infinity).probabilities == base.probabilities)
        }
    }

    @Test("The temperature for a wanted divergence agrees with SciPy's root")
    func temperature() throws {
        for row in fixture["temperature"] {
            let policies = try (row["ps"]?.arrayValue ?? []).map {
                try EnumeratedDistribution(probabilities: $0.numbers)
            }
            let rewards = (row["rewards"]?.arrayValue ?? []).map(\.numbers)
            let beta = try tiltTemperature(of: policies, rewards: rewards, divergence: row.number("divergence"))
            #expect(agree(beta, row.number("beta"), relative: 1e-9))
        }
    }

    @Test("A divergence that no tilt reaches is refused with the furthest it goes")
    func unreachable() throws {
        let base = try EnumeratedDistribution(probabilities: [0.25, 0.75])
        let near = try tiltTemperature(of: [base], rewards: [[1, 0]], divergence: 1.386)
        #expect(try base.tilted(by: [1, 0], beta: near).divergence(from: base) > 1.38599)
        let error = #expect(throws: Diagnostic.self) {
            try tiltTemperature(of: [base], rewards: [[1, 0]], divergence: 1.5)
        }
        #expect(error?.message.contains("1.386") == true)
        #expect(throws: Diagnostic.self) { try tiltTemperature(of: [base], rewards: [[1, 1]], divergence: 0.1) }
        #expect(throws: Diagnostic.self) { try tiltTemperature(of: [], rewards: [], divergence: 0.1) }
    }

    @Test("A policy that leaves the list keeps account of it; what is no distribution is refused")
    func totals() throws {
        let part = try EnumeratedDistribution(logProbabilities: [-2, -2])
        #expect(agree(part.logTotal, -2 + 0.6931471805599453) && agree(part.probabilities, [0.5, 0.5]))
        #expect(throws: Diagnostic.self) { try EnumeratedDistribution(logProbabilities: []) }
        #expect(throws: Diagnostic.self) { try EnumeratedDistribution(logProbabilities: [.nan, 0]) }
        #expect(throws: Diagnostic.self) { try EnumeratedDistribution(logProbabilities: [-.infinity]) }
        #expect(throws: Diagnostic.self) { try EnumeratedDistribution(logProbabilities: [.infinity, 0]) }
        #expect(throws: Diagnostic.self) { try EnumeratedDistribution(probabilities: [-0.1, 1]) }
        let other = try EnumeratedDistribution(probabilities: [1, 0])
        #expect(try part.divergence(from: other) == .infinity)
        #expect(agree(try other.divergence(from: part), 0.6931471805599453))
        #expect(throws: Diagnostic.self) { try part.bestOfN(2, rewards: [.nan, 0]) }
        #expect(throws: Diagnostic.self) { try part.bestOfN(0, rewards: [1, 0]) }
        #expect(throws: Diagnostic.self) { try part.tilted(by: [1, 0], beta: 0) }
    }
}
