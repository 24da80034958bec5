import Diagnostics
import Experiment
import Statistics

/// How often arms are said to differ, or to be the same, where they are not; breaks and peaks that are not there.
struct ContrastChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Contrasts, breaks and peaks: false alarms",
            prose: """
                Differences are of paired seeds, moved to 0 or to ±δ. A series without a break is the difference of two runs whose \
                learning rate is 0: real meters of a policy that never moves, on the prompts and draws of a run. The null of a peak is the bank's own curve less its \
                mean β·d², so that β is 0.
                """)
        table.rows += try await contrasts()
        table.rows.append(try await family())
        table.rows += try await breaks()
        table.rows += try await peaks()
        return table
    }

    private func contrasts() async throws(Diagnostic) -> [TruenessRow] {
        var rows: [TruenessRow] = []
        let pairs: [(name: String, first: TruenessBank.Arm, second: TruenessBank.Arm)] = [
            ("A/A", .sameAgain, .base), ("accuracy 0.9 − 0.7", .accuracy("0.9"), .base),
            ("placebo − base", .placebo, .base),
        ]
        for (name, first, second) in pairs {
            let population = try difference(first, second)
            let unit = 10 * population.deviations[0]
            for (verdict, mean, place) in [
                (Contrast.Verdict.differs, 0.0, "0"), (.same, unit, "δ"), (.same, -unit, "−δ"),
            ] {
                // A difference of 0 lies within every margin; a narrow one leaves 'same' out.
                let rule = try Experiment.VerdictRule(
                    .contrast, outcome: "gold", margin: verdict == .differs ? 1e-7 * unit : unit)
                let moved = population.moved(to: [mean])
                rows.append(
                    try await replication.rate(
                        "'\(verdict.rawValue)' at a difference of \(place), 8 seeds, \(name)", .atMost(0.05)
                    ) { (stream) throws(Diagnostic) in
                        try Self.verdict(moved.drawValues(8, &stream), rule) == verdict
                    })
            }
        }
        return rows
    }

    /// Of gold at the end, paired by seed.
    func difference(
        _ first: TruenessBank.Arm, _ second: TruenessBank.Arm
    ) throws(Diagnostic) -> SeedPopulation {
        let differences = zip(try bank.finals(first, "exact.gold"), try bank.finals(second, "exact.gold")).map {
            $0 - $1
        }
        return first == .sameAgain ? SeedPopulation(exchangeable: differences) : SeedPopulation(differences)
    }

    static func verdict(
        _ differences: [Double], _ rule: Experiment.VerdictRule
    ) throws(Diagnostic) -> Contrast.Verdict {
        try Contrast(
            "first − second", first: differences.map { $0 }, second: differences.map { _ in 0 }, rule: rule
        ).verdict
    }

    /// Four arms that are the base arm, held against it, by Holm.
    private func family() async throws(Diagnostic) -> TruenessRow {
        let gold = try bank.finals(.base, "exact.gold")
        // As the analyses do for a family.
        let rule = try Experiment.VerdictRule(.contrast, outcome: "gold", margin: 1e-9, bounds: .student)
        return try await replication.rate("any of 4 arms that are the same 'differs', Holm, 8 seeds", .atMost(0.05)) {
            (stream) throws(Diagnostic) in
            let population = SeedPopulation(gold)
            let second = population.drawValues(8, &stream).map { Optional($0) }
            var contrasts: [Contrast] = []
            for name in ["a", "b", "c", "d"] {
                let first = population.drawValues(8, &stream).map { Optional($0) }
                contrasts.append(try Contrast(name, first: first, second: second, rule: rule))
            }
            return try Contrast.family(contrasts).contains { $0.verdict == .differs }
        }
    }
}

extension ContrastChecks {
    /// A policy that never moves has no break. Two that are trained alike have the same expected path, but each walks its own
    /// way: what is claimed of one of them is no false alarm, and is told, not promised. What a study says of most of 8 is promised.
    private func breaks() async throws(Diagnostic) -> [TruenessRow] {
        var rows: [TruenessRow] = []
        let arms: [(name: String, arm: TruenessBank.Arm, promise: TruenessRow.Promise)] = [
            ("readings of a policy that never moves", .frozen, .atMost(0.05)),
            ("the difference of two runs that were trained alike", .base, .reported),
        ]
        for (name, arm, promise) in arms {
            for meter in ["gold.mean", "reward-gold.correlation", "responses.agreement", "reward.within-group-std"] {
                let series = try bank.series(arm, meter)
                for model in ChangeModel.allCases {
                    rows.append(
                        try await replication.rate("a break of \(model.rawValue) in \(name), \(meter)", promise) {
                            (stream) throws(Diagnostic) in
                            let pair = stream.sample(2, of: series.count)
                            let difference = zip(series[pair[0]], series[pair[1]]).map { $0 - $1 }
                            let change = try changePoint(difference, model: model, replicates: 199, stream: stream)
                            return change.test.pValue <= 0.05
                        })
                }
            }
            for meter in ["gold.mean", "reward-gold.correlation"] {
                for model in ChangeModel.allCases {
                    rows.append(
                        try await breakVerdict(
                            try bank.series(arm, meter), model, "a break of \(model.rawValue), \(name), \(meter)"))
                }
            }
        }
        return rows
    }

    /// What a study says of an arm: more than half of its seeds break in one direction.
    private func breakVerdict(
        _ series: [[Double]], _ model: ChangeModel, _ name: String
    ) async throws(Diagnostic) -> TruenessRow {
        let rule = try Experiment.VerdictRule(.breakPoint, outcome: "gold", margin: 0.1)
        let steps = (series.first ?? []).indices.map(Double.init)
        return try await replication.rate(
            "the verdict 'breaks' or 'rises' over 8 seeds, \(name)", .atMost(0.05), cost: 4
        ) {
            (stream) throws(Diagnostic) in
            var differences: [[Double?]] = []
            for _ in 0..<8 {
                let pair = stream.sample(2, of: series.count)
                differences.append(zip(series[pair[0]], series[pair[1]]).map { $0 - $1 })
            }
            let found = try BreakDetection(
                steps: steps, truth: differences, signals: [], model: model, rule: rule, replicates: 199,
                stream: stream)
            return !BrokenTruth(found.truth, lastStep: steps.last ?? 0).verdict.hasPrefix("no break")
        }
    }

    private func peaks() async throws(Diagnostic) -> [TruenessRow] {
        var rows: [TruenessRow] = []
        for form in OveroptimizationForm.allCases {
            let paths = try flatPaths(form)
            rows.append(
                try await replication.rate("a peak of \(form.rawValue) where β is 0, 8 seeds", .atMost(0.05)) {
                    (stream) throws(Diagnostic) in
                    let drawn = (0..<8).map { _ in paths[stream.below(paths.count)] }
                    return try fitOveroptimization(drawn, form: form).peak != nil
                })
        }
        return rows
    }

    /// Gold against √KL of real runs, less the mean curve's bend. Least squares is linear, so each run's β falls by the mean's.
    private func flatPaths(_ form: OveroptimizationForm) throws(Diagnostic) -> [OveroptimizationPath] {
        let divergences = try bank.series(.accuracy("0.9"), "exact.kl")
        let golds = try bank.series(.accuracy("0.9"), "exact.gold")
        var paths: [OveroptimizationPath] = []
        for (divergence, gold) in zip(divergences, golds) {
            paths.append(
                OveroptimizationPath(
                    distances: divergence.map { max(0, $0).squareRoot() }, gains: gold.map { $0 - gold[0] }))
        }
        let beta = try fitOveroptimization(paths, form: form).beta.point
        return paths.map { path in
            var flat = path
            flat.gains = zip(path.distances, path.gains).map { $1 - form.value(at: $0, alpha: 0, beta: beta) }
            return flat
        }
    }
}
