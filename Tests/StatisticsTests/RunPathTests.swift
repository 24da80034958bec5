import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct RunPathTests {
    private func paths(_ row: JSONValue) -> [OveroptimizationPath] {
        (row["paths"]?.arrayValue ?? []).map {
            OveroptimizationPath(distances: $0.numbers("distances"), gains: $0.numbers("gains"))
        }
    }

    @Test("Over-optimisation fits agree with NumPy run by run, and their intervals with SciPy over runs")
    func fits() throws {
        for row in try VerdictFixture("overoptimization")["fits"] {
            let form: OveroptimizationForm = row["form"]?.stringValue == "rl" ? .reinforcementLearning : .bestOfN
            let fit = try fitOveroptimization(paths(row), form: form)
            for (found, expected) in zip(fit.coefficients, row["coefficients"]?.arrayValue ?? []) {
                #expect(agree([found?.alpha ?? .nan, found?.beta ?? .nan], expected.numbers, relative: 1e-8))
            }
            for (estimate, name) in [(fit.alpha, "alpha"), (fit.beta, "beta")] {
                let numbers = [estimate.point, estimate.interval.lower, estimate.interval.upper]
                #expect(agree(numbers, row.numbers(name), relative: 1e-8))
            }
            #expect(agree(fit.residual, row.number("residual"), relative: 1e-8))
            guard let peak = fit.peak else { continue }
            #expect(agree(peak.point, row.number("peak"), relative: 1e-8))
            let ends = [peak.interval.lower, peak.interval.upper]
            #expect(agree(ends, row.numbers("peakSet"), relative: 1e-6), "\(peak)")
        }
    }

    @Test("A peak is refused, with the reason, where the data do not show one")
    func refusals() throws {
        let rows = try VerdictFixture("overoptimization")["fits"]
        let reasons = try rows.map { row in
            let form: OveroptimizationForm = row["form"]?.stringValue == "rl" ? .reinforcementLearning : .bestOfN
            return try fitOveroptimization(paths(row), form: form).refusal
        }
        #expect(reasons[0] == nil && reasons[1] == nil)
        #expect(reasons[2]?.contains("beyond the largest d observed") == true)
        #expect(reasons[3]?.contains("beyond the largest d observed") == true)
        #expect(reasons[4]?.contains("turns up") == true)
        let line = [[0.5, 1.01, 1.52], [0.48, 1.0, 1.49], [0.51, 0.99, 1.5]].map {
            OveroptimizationPath(distances: [1, 2, 3], gains: $0)
        }
        let flat = try fitOveroptimization(line, form: .bestOfN)
        #expect(flat.peak == nil && flat.refusal?.contains("holds 0") == true)
        let single = try fitOveroptimization(Array(line.prefix(1)), form: .bestOfN)
        #expect(single.refusal?.contains("no interval") == true)
    }

    @Test("A run that does not determine a curve is left out and shown as such")
    func undetermined() throws {
        let good = OveroptimizationPath(distances: [0, 1, 2], gains: [0, 1, 0.5])
        let short = OveroptimizationPath(distances: [0, 1, 1], gains: [0, 1, 1.1])
        let fit = try fitOveroptimization([good, short, good], form: .bestOfN)
        #expect(fit.coefficients.map { $0 == nil } == [false, true, false] && fit.alpha.n == 2)
        #expect(throws: Diagnostic.self) { try fitOveroptimization([short], form: .bestOfN) }
        let negative = OveroptimizationPath(distances: [-1, 2], gains: [0, 1])
        #expect(throws: Diagnostic.self) { try fitOveroptimization([negative], form: .bestOfN) }
    }

    @Test("An outcome at equal KL is read where the path first gets there")
    func equalDivergence() throws {
        let kl = [0, 1, 3, 2, 5]
        let gold = [0.0, 0.2, 0.6, 0.9, 0.1]
        let at = { (level: Double) in
            try outcome(atDivergence: level, divergences: kl.map { Double($0) }, outcomes: gold)
        }
        #expect(try at(0) == 0 && at(1) == 0.2)
        #expect(agree(try #require(try at(2)), 0.4))
        #expect(agree(try #require(try at(4)), 0.9 - 0.8 * 2 / 3))
        #expect(try at(5.1) == nil)
        #expect(try outcome(atDivergence: 1, divergences: [2, 3], outcomes: [0, 1]) == nil)
        #expect(try outcome(atDivergence: 1, divergences: [], outcomes: []) == nil)
        #expect(throws: Diagnostic.self) { try outcome(atDivergence: 1, divergences: [.nan], outcomes: [0]) }
    }

    @Test("The share at the maximum counts ties")
    func maximum() throws {
        #expect(try shareAtMaximum([1, 3, 3, 0]) == 0.5)
        #expect(try shareAtMaximum([2]) == 1)
        #expect(throws: Diagnostic.self) { try shareAtMaximum([]) }
        #expect(throws: Diagnostic.self) { try shareAtMaximum([1, .nan]) }
    }

    @Test("Signal and noise of a gradient come back from their expected norms, and without bias from draws")
    func gradientNoise() throws {
        // |G|² = 3 and tr Σ = 8: 3 + 8/4 at four samples, 3 + 8/8 at eight.
        let noise = try GradientNoise(smallSquaredNorm: 5, smallBatch: 4, bigSquaredNorm: 4, bigBatch: 8)
        #expect(agree([noise.signal, noise.noise], [3, 8]))
        #expect(agree(noise.noiseScale ?? .nan, 8.0 / 3) && agree(noise.signalToNoise ?? .nan, 3))
        var stream = RandomStream(seed: 5, purpose: "gradients")
        let steps = try (0..<4000).map { _ in
            let halves = (0..<2).map { _ in (0..<2).map { _ in 1 + 2 * stream.normal() / 3.0.squareRoot() } }
            let norm = { (g: [Double]) in g.reduce(0) { $0 + $1 * $1 } }
            let whole = zip(halves[0], halves[1]).map { ($0 + $1) / 2 }
            return try GradientNoise(halves: (norm(halves[0]), norm(halves[1])), whole: norm(whole), batch: 6)
        }
        let pooled = try GradientNoise.pooled(steps)
        // Two weights with gradient 1 and variance 4 a sample.
        #expect(agree(pooled.signal, 2, relative: 0.1) && agree(pooled.noise, 8, relative: 0.1), "\(pooled)")
        #expect(try GradientNoise(halves: (1, 1), whole: 2, batch: 2).noiseScale == nil)
        #expect(throws: Diagnostic.self) { try GradientNoise(halves: (1, 1), whole: 1, batch: 3) }
        #expect(throws: Diagnostic.self) { try GradientNoise.pooled([]) }
    }
}
