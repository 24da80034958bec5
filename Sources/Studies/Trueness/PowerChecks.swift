import Diagnostics
import Experiment
import Statistics

/// What is found of what is there, and whether estimates lie about it evenly.
struct PowerChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Power and bias on planted effects",
            prose: """
                Effects are planted in A/A differences of the bank, in standard deviations of a seed's difference; below them are \
                effects of the bank's own, the truth being its mean. Nothing is promised of power; errors must be even.
                """)
        table.rows += try await contrasts()
        table.rows += try await accuracies()
        table.rows += try await withdrawals()
        table.rows += try await optima()
        table.rows += try await breaks()
        return table
    }

    private func difference(
        _ first: TruenessBank.Arm, _ second: TruenessBank.Arm
    ) throws(Diagnostic) -> SeedPopulation {
        try ContrastChecks(bank: bank, replication: replication).difference(first, second)
    }

    private func contrasts() async throws(Diagnostic) -> [TruenessRow] {
        let population = try difference(.sameAgain, .base)
        let deviation = population.deviations[0]
        let rule = try Experiment.VerdictRule(.contrast, outcome: "gold", margin: 1e-6 * deviation)
        var rows: [TruenessRow] = []
        for seeds in [8, 12] {
            for effect in [0.5, 1, 2] {
                let moved = population.moved(to: [effect * deviation])
                rows.append(
                    try await replication.rate("'differs', effect \(effect) sd, \(seeds) seeds", .reported) {
                        (stream) throws(Diagnostic) in
                        try ContrastChecks.verdict(moved.drawValues(seeds, &stream), rule) == .differs
                    })
            }
        }
        return rows
    }

    private func accuracies() async throws(Diagnostic) -> [TruenessRow] {
        let population = try difference(.accuracy("0.9"), .base)
        let (truth, deviation) = (population.means[0], population.deviations[0])
        let rule = try Experiment.VerdictRule(.contrast, outcome: "gold", margin: 1e-6)
        var rows = [
            try await replication.rate(
                "'differs', planted accuracy 0.9 against 0.7 (\(short(truth / deviation)) sd), 8 seeds", .reported
            ) { (stream) throws(Diagnostic) in
                try ContrastChecks.verdict(population.drawValues(8, &stream), rule) == .differs
            }
        ]
        rows += try await replication.means([
            ("error of the difference 0.9 − 0.7, in its sd", .unbiased)
        ]) { (stream) throws(Diagnostic) in
            [(try studentMean(population.drawValues(8, &stream)).point - truth) / deviation]
        }
        return rows
    }

    private func withdrawals() async throws(Diagnostic) -> [TruenessRow] {
        let population = try WithdrawalChecks.population(bank, with: .verifier, without: .shamVerifier)
        let truth = population.means
        let rule = try Experiment.VerdictRule(.withdrawal, outcome: "gold", margin: 0.02)
        let name = "the bank's verifier, I = \(short(truth[1])), P = \(short(truth[2])), δ = 0.02, 8 seeds"
        var rows: [TruenessRow] = []
        for verdict in Withdrawal.Verdict.allCases {
            rows.append(
                try await replication.rate("'\(verdict.rawValue)', \(name)", .reported) { (stream) throws(Diagnostic) in
                    try WithdrawalChecks.verdict(population.draw(8, &stream), rule) == verdict
                })
        }
        return rows
    }

    private func optima() async throws(Diagnostic) -> [TruenessRow] {
        let population = try OptimumChecks.population(bank)
        let unit = try OptimumChecks.unit(of: population)
        let rule = try Experiment.VerdictRule(.interiorOptimum, outcome: "gold", margin: unit)
        var rows: [TruenessRow] = []
        for effect in [0.5, 1, 2] {
            let moved = population.moved(to: [0, 0, 0, effect * unit, 0])
            rows.append(
                try await replication.rate(
                    "'interior optimum', one level \(effect) sd above both ends, 8 seeds", .reported
                ) { (stream) throws(Diagnostic) in
                    let drawn = moved.draw(8, &stream)
                    return try InteriorOptimum(outcomes: drawn, rule: rule, stream: stream).verdict == .interior
                })
        }
        return rows
    }

    private func breaks() async throws(Diagnostic) -> [TruenessRow] {
        let series = try bank.series(.base, "reward-gold.correlation")
        let flat = SeedPopulation(columns: (series.first ?? []).indices.map { place in series.map { $0[place] } })
        let deviation = flat.deviations.reduce(0, +) / Double(flat.deviations.count) * 2.0.squareRoot()
        var rows: [TruenessRow] = []
        for effect in [1.0, 2, 4] {
            rows.append(
                try await replication.rate(
                    "a break of level by \(effect) sd half way, reward-gold correlation", .reported
                ) {
                    (stream) throws(Diagnostic) in
                    let pair = stream.sample(2, of: series.count)
                    let values = zip(series[pair[0]], series[pair[1]]).enumerated().map { place, both in
                        both.0 - both.1 + (place >= series[0].count / 2 ? effect * deviation : 0)
                    }
                    return try changePoint(values, model: .level, replicates: 199, stream: stream).test.pValue <= 0.05
                })
        }
        return rows
    }
}
