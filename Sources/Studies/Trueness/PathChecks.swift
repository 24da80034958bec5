import Diagnostics
import Experiment
import RealModule
import Statistics

/// What studies print of whole paths: gains, curves of over-optimisation, contrasts at equal KL, removals in mid-run.
struct PathChecks: TruenessChecks {
    let bank: TruenessBank
    let trained: TrainedPolicy
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Paths: gains, over-optimisation, equal KL, removal",
            prose: """
                8 seeds of the bank's runs, whole paths at a time. Curves of gold against d = √KL are bent, each run's by the same β, so that the \
                mean curve's peak lies at \(Self.peak) of the mean largest distance; the truth is then the curve of the mean α and β. 'Removal' is \
                of the arm whose verifier goes after 30 of 60 updates, against its sham, moved as for withdrawal at evaluation.
                """)
        table.rows += try await gains()
        table.rows += try await heldOutGains()
        for form in OveroptimizationForm.allCases { table.rows += try await curves(form) }
        table.rows += try await equalDivergence()
        table.rows += try await removals()
        return table
    }

    private static let seeds = 8
    /// Where curves are bent to have their peak, as a share of the mean largest distance.
    private static let peak = 0.7

    // MARK: Gains

    private func gains() async throws(Diagnostic) -> [TruenessRow] {
        let series = try bank.series(.base, "exact.gold")
        let population = SeedPopulation(series.map { ($0.last ?? 0) - ($0.first ?? 0) })
        let (truth, none) = (population.means[0], population.moved(to: [0]))
        let rule = try Experiment.VerdictRule(.contrast, outcome: "gold", margin: 1e-9, bounds: .student)
        return [
            try await replication.rate("gain of gold, last − first, \(Self.seeds) seeds", TruenessRow.fixedN) {
                (stream) throws(Diagnostic) in
                try studentMean(population.drawValues(Self.seeds, &stream)).interval.contains(truth)
            },
            try await replication.rate("'rises' or 'falls' at a gain of 0, \(Self.seeds) seeds", .atMost(0.05)) {
                (stream) throws(Diagnostic) in
                let values = none.drawValues(Self.seeds, &stream).map { Optional($0) }
                return try Contrast("gain", first: values, second: values.map { _ in 0 }, rule: rule).pValue
                    <= rule.alpha
            },
        ]
    }

    /// The gain of one run over held-out prompts: both policies answer each prompt by the same draws.
    private func heldOutGains() async throws(Diagnostic) -> [TruenessRow] {
        let trained = trained
        let truth = try trained.mean { (prompt) throws(Diagnostic) in
            try trained.policy[prompt].expectation(of: trained.gold[prompt])
                - trained.reference[prompt].expectation(of: trained.gold[prompt])
        }
        var rows: [TruenessRow] = []
        for prompts in [16, 64] {
            rows.append(
                try await replication.rate(
                    "held-out.gold.gain, \(prompts) prompts of 4 responses", TruenessRow.fixedN
                ) { (stream) throws(Diagnostic) in
                    var changes: [Double] = []
                    for _ in 0..<prompts {
                        let prompt = stream.below(trained.policy.count)
                        var change = 0.0
                        for _ in 0..<4 {
                            let place = stream.uniform()
                            change += trained.gold[prompt][trained.policy[prompt].response(at: place)]
                            change -= trained.gold[prompt][trained.reference[prompt].response(at: place)]
                        }
                        changes.append(change / 4)
                    }
                    return try studentMean(changes).interval.contains(truth)
                })
        }
        return rows
    }

    // MARK: Over-optimisation

    private func curves(_ form: OveroptimizationForm) async throws(Diagnostic) -> [TruenessRow] {
        let paths = try bentPaths(form)
        let name = "\(form.rawValue), \(Self.seeds) seeds"
        var rows = try await curves(form, paths, name, replication)
        guard let peak = rows.firstIndex(where: { !$0.holds && $0.what.hasPrefix("peak") }) else { return rows }
        var more = replication
        more.count *= Replication.confirmation
        rows[peak] = try await curves(form, paths, "\(name), again", more)[peak]
        return rows
    }

    private func curves(
        _ form: OveroptimizationForm, _ paths: [OveroptimizationPath], _ name: String, _ replication: Replication
    ) async throws(Diagnostic) -> [TruenessRow] {
        let truth = try fitOveroptimization(paths, form: form)
        let peak = form.peak(alpha: truth.alpha.point, beta: truth.beta.point)
        let rows = try await replication.rates([
            ("α of \(name)", TruenessRow.fixedN), ("β of \(name)", TruenessRow.fixedN),
            ("a peak is printed with an interval that misses it, \(name)", .reported),
            ("a peak is found where there is one, \(name)", .reported),
        ]) { (stream) throws(Diagnostic) in
            let fit = try fitOveroptimization(
                (0..<Self.seeds).map { _ in paths[stream.below(paths.count)] }, form: form)
            return [
                fit.alpha.interval.contains(truth.alpha.point), fit.beta.interval.contains(truth.beta.point),
                fit.peak.map { !$0.interval.contains(peak) } ?? false, fit.peak != nil,
            ]
        }
        // Of the replicates that print a peak.
        let (misses, printed) = (rows[2].hits, rows[3].hits)
        guard printed > 0 else { return [rows[0], rows[1], rows[3]] }
        let covered = try TruenessRow(
            "peak of \(name), where one is printed", TruenessRow.fixedN, hits: printed - misses, of: printed)
        return [rows[0], rows[1], covered, rows[3]]
    }

    /// The paths of accuracy 0.9, each with the same β·regressor added: least squares is linear, so every run's β moves by as much.
    private func bentPaths(_ form: OveroptimizationForm) throws(Diagnostic) -> [OveroptimizationPath] {
        let divergences = try bank.series(.accuracy("0.9"), "exact.kl")
        let golds = try bank.series(.accuracy("0.9"), "exact.gold")
        let paths = zip(divergences, golds).map { divergence, gold in
            OveroptimizationPath(
                distances: divergence.map { Double.sqrt(max(0, $0)) }, gains: gold.map { $0 - gold[0] })
        }
        let fit = try fitOveroptimization(paths, form: form)
        let furthest = paths.reduce(0) { $0 + ($1.distances.max() ?? 0) } / Double(paths.count)
        let ratio = form.ratio(peak: Self.peak * furthest)
        guard ratio > 0 else {
            throw Diagnostic(
                .badData, "the bank's runs go only \(furthest) √nats, so near that \(form.rawValue) has no peak there")
        }
        let beta = fit.alpha.point / ratio
        return paths.map { path in
            var bent = path
            bent.gains = zip(path.distances, path.gains).map {
                $1 + form.value(at: $0, alpha: 0, beta: beta - fit.beta.point)
            }
            return bent
        }
    }

    // MARK: Equal KL

    private func equalDivergence() async throws(Diagnostic) -> [TruenessRow] {
        let arms: [TruenessBank.Arm] = [.accuracy("0.9"), .base, .sameAgain]
        var series: [(divergences: [[Double]], golds: [[Double]])] = []
        for arm in arms { series.append((try bank.series(arm, "exact.kl"), try bank.series(arm, "exact.gold"))) }
        let furthest = series.flatMap { $0.divergences.map { $0.max() ?? 0 } }.sorted()
        // Nearly every run of all arms comes so far.
        let level = 0.8 * furthest[furthest.count / 50]
        var outcomes: [[Double?]] = []
        for arm in series {
            var values: [Double?] = []
            for (divergences, golds) in zip(arm.divergences, arm.golds) {
                values.append(try outcome(atDivergence: level, divergences: divergences, outcomes: golds))
            }
            outcomes.append(values)
        }
        let difference = { (first: Int, second: Int) in
            zip(outcomes[first], outcomes[second]).compactMap { one, other in
                one.flatMap { one in other.map { one - $0 } }
            }
        }
        let population = SeedPopulation(difference(0, 1))
        let none = SeedPopulation(exchangeable: difference(2, 1))
        let truth = population.means[0]
        let rule = try Experiment.VerdictRule(.contrast, outcome: "gold", margin: 1e-9, bounds: .student)
        let name = "at KL \(short(level)), \(Self.seeds) seeds"
        return [
            try await replication.rate("difference of gold, accuracy 0.9 − 0.7, \(name)", TruenessRow.fixedN) {
                (stream) throws(Diagnostic) in
                try studentMean(population.drawValues(Self.seeds, &stream)).interval.contains(truth)
            },
            try await replication.rate("'differs' of an arm and its A/A copy \(name)", .atMost(0.05)) {
                (stream) throws(Diagnostic) in
                try ContrastChecks.verdict(none.drawValues(Self.seeds, &stream), rule) == .differs
            },
        ]
    }

    // MARK: Removal in mid-run

    /// Columns: the sham arm at the removal and at the end, the lead then, and what of it went.
    private func removalPopulation() throws(Diagnostic) -> SeedPopulation {
        let (step, meter) = (TruenessDesigns.removal, "exact.gold")
        let before = (try bank.values(.removed, meter, at: step), try bank.values(.shamVerifier, meter, at: step))
        let after = (try bank.finals(.removed, meter), try bank.finals(.shamVerifier, meter))
        let leads = (zip(before.0, before.1).map { $0 - $1 }, zip(after.0, after.1).map { $0 - $1 })
        return SeedPopulation(columns: [before.1, after.1, leads.1, zip(leads.0, leads.1).map { $0 - $1 }])
    }

    private static func removal(
        _ rows: [[Double]], _ rule: Experiment.VerdictRule
    ) throws(Diagnostic) -> Withdrawal {
        try Withdrawal(
            removals: rows.map { row in
                Withdrawal.Removal(
                    withBefore: row[0] + row[2] + row[3], withAfter: row[1] + row[2], withoutBefore: row[0],
                    withoutAfter: row[1])
            }, rule: rule)
    }

    private func removals() async throws(Diagnostic) -> [TruenessRow] {
        let population = try removalPopulation()
        let deviation = max(population.deviations[2], population.deviations[3])
        let unit = 10 * deviation
        var rows: [TruenessRow] = []
        for boundary in WithdrawalChecks.boundaries {
            let rule = try Experiment.VerdictRule(
                .withdrawal, outcome: "gold", margin: boundary.verdict == .both ? 1e-6 * deviation : unit)
            let moved = population.moved(to: [0, 0, boundary.internalised * unit, boundary.rented * unit])
            rows.append(
                try await replication.rate("removal: \(boundary.name), \(Self.seeds) seeds", .atMost(0.05)) {
                    (stream) throws(Diagnostic) in
                    try Self.removal(moved.draw(Self.seeds, &stream), rule).verdict == boundary.verdict
                })
        }
        let truth = population.means
        let rule = try Experiment.VerdictRule(.withdrawal, outcome: "gold", margin: 0.02)
        rows += try await replication.rates([
            ("removal: what is left of the lead, \(Self.seeds) seeds", TruenessRow.fixedN),
            ("removal: what of the lead went, \(Self.seeds) seeds", TruenessRow.fixedN),
            ("removal: Fieller's set of survival, \(Self.seeds) seeds", TruenessRow.fixedN),
        ]) { (stream) throws(Diagnostic) in
            let found = try Self.removal(population.draw(Self.seeds, &stream), rule)
            return [
                found.internalised.estimate.interval.contains(truth[2]),
                found.rented.estimate.interval.contains(truth[3]),
                found.survival.interval.contains(truth[2] / (truth[2] + truth[3])),
            ]
        }
        return rows
    }
}

extension OveroptimizationForm {
    /// Where d(α − βd) or d(α − β log d) is largest.
    fileprivate func peak(alpha: Double, beta: Double) -> Double {
        switch self {
        case .bestOfN: alpha / beta / 2
        case .reinforcementLearning: Double.exp(alpha / beta - 1)
        }
    }

    /// α/β where the peak lies at a distance.
    fileprivate func ratio(peak: Double) -> Double {
        switch self {
        case .bestOfN: 2 * peak
        case .reinforcementLearning: 1 + Double.log(peak)
        }
    }
}

extension EnumeratedDistribution {
    /// The response that a place in 0..<1 falls to.
    fileprivate func response(at place: Double) -> Int {
        var rest = place
        for (response, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return response }
        }
        return probabilities.count - 1
    }
}
