import Diagnostics
import Statistics

/// Intervals that allow looking after every observation and stopping at will: a replicate misses if any look does.
struct SequenceChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Anytime-valid intervals, looked at after every run",
            prose: """
                A replicate draws runs one by one and looks after each; it counts as a miss if the interval fails to hold the truth \
                at any look, the worst a reader who stops at will can do. Widths are at a fixed number of runs.
                """)
        for share in [0.1, 0.5, 0.9] { table.rows.append(try await bernoulli(share)) }
        table.rows += try await bernoulliWidths()
        for (name, arm) in [("gold at accuracy 0.7", TruenessBank.Arm.base), ("gold of the placebo", .placebo)] {
            table.rows.append(try await betting(name, try bank.finals(arm, "exact.gold")))
        }
        table.rows += try await bettingWidths(try bank.finals(.base, "exact.gold"))
        return table
    }

    private static let looks = 300

    private func bernoulli(_ share: Double) async throws(Diagnostic) -> TruenessRow {
        let sorted = try bank.finals(.base, "exact.gold").sorted()
        let table = try BernoulliBounds(looks: Self.looks)
        return try await replication.rate(
            "prior-posterior ratio misses at some look of \(Self.looks), share \(share)", .atMost(0.05)
        ) { (stream) throws(Diagnostic) in
            var hits = 0
            for trial in 1...Self.looks {
                let (hit, truth) = CoverageChecks.event(sorted, 1, share, &stream)
                hits += hit
                if !table.contains(truth, hits: hits, trials: trial) { return true }
            }
            return false
        }
    }

    private func bernoulliWidths() async throws(Diagnostic) -> [TruenessRow] {
        let sorted = try bank.finals(.base, "exact.gold").sorted()
        return try await replication.means(
            [20, 100, 300].map { ("width of the prior-posterior ratio, share 0.5, \($0) runs", .reported) }, cost: 10
        ) { (stream) throws(Diagnostic) in
            var widths: [Double] = []
            for trials in [20, 100, 300] {
                let hits = CoverageChecks.event(sorted, trials, 0.5, &stream).hits
                widths.append(2 * (try bernoulliConfidenceSequence(successes: hits, trials: trials)).interval.halfWidth)
            }
            return widths
        }
    }

    private func betting(_ name: String, _ values: [Double]) async throws(Diagnostic) -> TruenessRow {
        let population = SeedPopulation(values)
        let truth = population.means[0]
        return try await replication.rate("betting misses at some look of 100, \(name)", .atMost(0.05)) {
            (stream) throws(Diagnostic) in
            var sequence = try BettingConfidenceSequence()
            for _ in 0..<100 {
                try sequence.append(population.drawValues(1, &stream)[0])
                if !sequence.contains(truth) { return true }
            }
            return false
        }
    }

    private func bettingWidths(_ values: [Double]) async throws(Diagnostic) -> [TruenessRow] {
        let population = SeedPopulation(values)
        return try await replication.means(
            [8, 30, 100].map { ("width of betting, gold at accuracy 0.7, \($0) runs", .reported) }, cost: 50
        ) { (stream) throws(Diagnostic) in
            var sequence = try BettingConfidenceSequence()
            var widths: [Double] = []
            for look in 1...100 {
                try sequence.append(population.drawValues(1, &stream)[0])
                if [8, 30, 100].contains(look) { widths.append(2 * sequence.estimate.interval.halfWidth) }
            }
            return widths
        }
    }
}

/// The interval after each number of trials and successes, found once.
private struct BernoulliBounds: Sendable {
    private let bounds: [[ClosedRange<Double>]]

    init(looks: Int) throws(Diagnostic) {
        var bounds: [[ClosedRange<Double>]] = [[0...1]]
        for trials in 1...looks {
            var row: [ClosedRange<Double>] = []
            for successes in 0...trials {
                let interval = try bernoulliConfidenceSequence(successes: successes, trials: trials).interval
                row.append(interval.lower...interval.upper)
            }
            bounds.append(row)
        }
        self.bounds = bounds
    }

    func contains(_ share: Double, hits: Int, trials: Int) -> Bool { bounds[trials][hits].contains(share) }
}
