import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct SequenceTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("sequences") }

    @Test("The prior-posterior interval holds the shares that SciPy's beta densities do not rule out")
    func bernoulli() throws {
        let step = 0.999 / 999
        for row in fixture["bernoulli"].map(\.numbers) {
            let prior = BetaDistribution(alpha: row[2], beta: row[3])
            let interval = try bernoulliConfidenceSequence(successes: Int(row[0]), trials: Int(row[1]), prior: prior)
                .interval
            #expect(interval.lower <= row[4] && row[4] <= interval.lower + step * 1.01, "\(row) \(interval)")
            #expect(interval.upper >= row[5] && row[5] >= interval.upper - step * 1.01, "\(row) \(interval)")
            #expect(interval.validity == .anytimeValid)
        }
        let before = try bernoulliConfidenceSequence(successes: 0, trials: 0)
        #expect(before.interval.lower == 0 && before.interval.upper == 1 && before.standardError == nil)
        #expect(throws: Diagnostic.self) { try bernoulliConfidenceSequence(successes: 2, trials: 1) }
    }

    @Test("A share stays inside its sequence of intervals at all times at once")
    func bernoulliCoverage() throws {
        var stream = RandomStream(seed: 1, purpose: "coverage of sequences")
        let replicates = 400
        let covered = try (0..<replicates).count { _ in
            var successes = 0
            for trial in 1...60 {
                successes += stream.uniform() < 0.3 ? 1 : 0
                let interval = try bernoulliConfidenceSequence(successes: successes, trials: trial, level: 0.8).interval
                if !interval.contains(0.3) { return false }
            }
            return true
        }
        #expect(Double(covered) / Double(replicates) >= 0.8 - monteCarloTolerance(0.8, replicates: replicates))
    }

    @Test("Betting keeps the candidates that the capital process by definition keeps")
    func betting() throws {
        for row in fixture["betting"] {
            var sequence = try BettingConfidenceSequence()
            for value in row[0].numbers { try sequence.append(value) }
            let interval = sequence.estimate.interval
            #expect(interval.lower <= row[1].number && row[1].number <= interval.lower + 1.01 / 400, "\(interval)")
            #expect(interval.upper >= row[2].number && row[2].number >= interval.upper - 1.01 / 400, "\(interval)")
        }
    }

    @Test("Betting covers at several looks at once, scales with its range, and narrows")
    func bettingCoverage() throws {
        var stream = RandomStream(seed: 2, purpose: "coverage of betting")
        let replicates = 120
        var last = 0.0
        let covered = try (0..<replicates).count { _ in
            var sequence = try BettingConfidenceSequence(range: -2...6, level: 0.8)
            var holds = true
            for look in 1...60 {
                let draw = stream.uniform()
                try sequence.append(-2 + 8 * draw * draw)
                if look % 20 == 0 { holds = holds && sequence.estimate.interval.contains(-2 + 8.0 / 3) }
            }
            last = sequence.estimate.interval.halfWidth
            return holds
        }
        #expect(Double(covered) / Double(replicates) >= 0.8 - monteCarloTolerance(0.8, replicates: replicates))
        #expect(last < 2)
    }

    @Test("Whether a mean is still possible agrees with the interval, at its ends and outside the range")
    func bettingContains() throws {
        var stream = RandomStream(seed: 2, purpose: "betting contains")
        var sequence = try BettingConfidenceSequence(range: -1...3)
        #expect(sequence.contains(-1) && sequence.contains(3) && !sequence.contains(3.1) && !sequence.contains(.nan))
        for look in 1...60 {
            try sequence.append(-1 + 4 * stream.uniform())
            guard look % 10 == 0 else { continue }
            let interval = sequence.estimate.interval
            for step in 0...40 {
                let mean = -1 + 0.1 * Double(step)
                #expect(sequence.contains(mean) == interval.contains(mean), "\(mean) in \(interval)")
            }
        }
    }

    @Test("Before the first observation everything is possible; outside the range is an error")
    func bettingEnds() throws {
        var sequence = try BettingConfidenceSequence(range: 0...2)
        #expect(sequence.estimate.interval.lower == 0 && sequence.estimate.interval.upper == 2)
        #expect(sequence.estimate.point.isNaN)
        let error = #expect(throws: Diagnostic.self) { try sequence.append(2.5) }
        #expect(error?.location.field == "observations[0]")
        #expect(throws: Diagnostic.self) { try sequence.append(.nan) }
        #expect(throws: Diagnostic.self) { try BettingConfidenceSequence(range: 0...0) }
        #expect(throws: Diagnostic.self) { try BettingConfidenceSequence(range: 0 ... .infinity) }
    }
}
