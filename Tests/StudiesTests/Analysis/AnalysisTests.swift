import Diagnostics
import Experiment
import JSON
import Ledger
import Statistics
import Testing

@testable import Studies

/// Deviations that sum to 0, one a seed.
private let noise = [0.01, -0.012, 0.004, 0.003, -0.007, 0.009, -0.004, -0.003]

@Suite struct AnalysisTests {
    private static func study(_ factors: String, _ analyses: String, seeds: Int = 8, controls: Bool = false) -> String {
        """
        study: made
        run: {regime: {kind: grpo}, reward: [{name: proxy, kind: gold}]}
        factors:
        \(factors)
        seeds: \(seeds)
        controls: {a-a: \(controls), placebo: \(controls)}
        analyses:
        \(analyses)
        verdicts: {margin: 0.02, level: 0.95}
        """
    }

    private static let accuracies = "  accuracy: [{level: 0.5}, {level: 0.7}, {level: 0.85}, {level: 1}]"

    /// A hump over accuracy with its top at 0.85.
    private static func hump(_ accuracy: Double, _ seed: Int) -> Double {
        0.9 - 2 * (accuracy - 0.85) * (accuracy - 0.85) + noise[seed] * (1 + accuracy)
    }

    @Test("An interior optimum is what the rule says of the paired outcomes, and weak pushing is said")
    func interiorOptimum() throws {
        let made = try MadeStudy(
            Self.study(Self.accuracies, "  - {kind: interior-optimum, factor: accuracy, outcome: exact.gold}")
        ) { levels, seed in
            let accuracy = levels["accuracy"]?.doubleValue ?? 0
            return [
                .at(0, ["exact.gold": 0.5, "exact.kl": 0]),
                .at(300, ["exact.gold": Self.hump(accuracy, seed), "exact.kl": 1 + accuracy / 2]),
            ]
        }
        let findings = try made.findings()
        let rule = try made.registry.design.rule(.interiorOptimum, outcome: "exact.gold")
        let rows = (0..<8).map { seed in [0.5, 0.7, 0.85, 1].map { Self.hump($0, seed) } }
        let expected = try InteriorOptimum(outcomes: rows, rule: rule, stream: RandomStream(seed: 0, purpose: "x"))
        #expect(expected.verdict == .interior)
        let verdict = try #require(findings.verdicts.first)
        #expect(verdict.verdict == "interior optimum at 0.85")
        #expect(
            verdict.explanation
                == expected.finding(subject: "accuracy", names: ["0.5", "0.7", "0.85", "1"]).explanation)
        #expect(verdict.rule == rule.summary)
        let weak = try #require(findings.verdicts.last)
        #expect(weak.verdict == "not pushed far enough" && weak.explanation.contains("1.5"))
        let table = try #require(findings.tables.first)
        #expect(table.rows.map(\.[0]) == ["0.5", "0.7", "0.85", "1"].map { .text($0) })
    }

    @Test("A run that diverged has no outcome: its seed is left out of paired rules, and a caution names it")
    func divergence() throws {
        let made = try MadeStudy(
            Self.study(Self.accuracies, "  - {kind: interior-optimum, factor: accuracy}")
        ) { levels, seed in
            let accuracy = levels["accuracy"]?.doubleValue ?? 0
            if accuracy == 1, seed == 3 { return nil }
            return [.at(300, ["exact.gold": Self.hump(accuracy, seed), "exact.kl": 3])]
        }
        let findings = try made.findings()
        #expect(findings.verdicts.count == 1)
        #expect(findings.verdicts[0].explanation.contains("7 seeds"))
        #expect(findings.verdicts[0].explanation.contains("1 seed without an outcome"))
        #expect(findings.cautions.contains { $0.contains("accuracy=1, seed 3, diverged at step 7") })
    }

    @Test("Runs that fail for one reason are one caution")
    func failures() throws {
        let made = try MadeStudy(Self.study(Self.accuracies, "  - {kind: levels, outcome: exact.gold}")) {
            (levels, seed) throws(Diagnostic) in
            guard levels["accuracy"]?.doubleValue == 1 else { return [.at(9, ["exact.gold": 1])] }
            throw Diagnostic(.badData, seed == 5 ? "the disk is full." : "the base is unfit")
        }
        let cautions = try made.findings().cautions.filter { $0.contains("failed") }
        #expect(
            cautions == [
                "accuracy=1, seed 0, and 6 other runs, failed: the base is unfit.",
                "accuracy=1, seed 5, failed: the disk is full.",
            ])
    }

    @Test("Every rule that a page calls fixed before the first step is in the record that is stored then")
    func storedRules() throws {
        let analyses = "  - {kind: gains, outcome: exact.gold}\n  - {kind: overoptimization}\n  - {kind: break}"
        let text = Self.study("", analyses)
        let registry = try AnalysisRegistry(try StudyDesign(parsing: Array(text.utf8)))
        let stored = registry.rulesRecord.arrayValue?.compactMap { $0["rule"]?.stringValue } ?? []
        for words in ["samples of a single run", "the smaller residual decides", "more than half of its seeds"] {
            #expect(stored.contains { $0.contains(words) }, "\(words)")
        }
    }

    @Test("A figure's heading says how many its means are of, as a range where they differ")
    func headings() {
        #expect(counted([8, 8], "seed") == "8 seeds" && counted([1], "seed") == "1 seed")
        #expect(counted([8, 0, 5, 7], "seed") == "5 to 8 seeds" && counted([0, 0], "seed") == "0 seeds")
        let figure = Figure(
            id: "f", title: "Gold", n: "8 seeds", caption: "", x: Figure.Axis("x"), y: Figure.Axis("y"), series: [])
        #expect(figure.heading == "Gold (8 seeds)")
        #expect(
            Figure(id: "f", title: "Gold", caption: "", x: Figure.Axis("x"), y: Figure.Axis("y"), series: []).heading
                == "Gold")
    }

    @Test("Sampled estimates stand beside their exact values, of runs that draw for themselves, paired by seed")
    func sampledBesideExact() throws {
        func run(_ sampled: Double, _ exact: Double, error: Double, isOwn: Bool = true) -> RunReadings {
            var run = RunReadings(isDone: true)
            run.drawsForItself = isOwn
            run.series["gold.mean"] = [
                .init(step: 0, value: sampled, standardError: error, n: 64, clusters: 16),
                .init(step: 3, value: 9, standardError: 1, n: 64, clusters: 16),
            ]
            run.series["exact.gold"] = [.init(step: 0, value: exact), .init(step: 4, value: exact)]
            return run
        }
        let readings = StudyReadings(
            arms: [
                ArmReadings(
                    name: "a", levels: ["x": 1],
                    runs: [run(0.5, 0.25, error: 0.2), run(0.125, 0.25, error: 0.01), run(0.375, 0.25, error: 0.2)]),
                // Stale data, whose batches are not the policy's.
                ArmReadings(
                    name: "b", levels: ["x": 2],
                    runs: [
                        run(9, 0, error: 1, isOwn: false), run(9, 0, error: 1, isOwn: false),
                        run(9, 0, error: 1, isOwn: false),
                    ]),
            ], seeds: [0, 1, 2])
        var findings = Findings(title: "t", question: "q")
        try SampledBesideExact(level: 0.95).add(readings, to: &findings)
        let table = try #require(findings.table("sampled-beside-exact"))
        #expect(table.rows.count == 1)
        let mean = try studentMean([0.25, -0.125, 0.125], level: 0.95)
        #expect(table.rows[0][3] == mean.tableCell)
        #expect(table.rows[0][4] == .integer(3))
        #expect(table.rows[0][5] == .text("66.7% of 3"))
        var none = Findings(title: "t", question: "q")
        try SampledBesideExact(level: 0.95).add(StudyReadings(arms: [readings.arms[1]], seeds: [0, 1, 2]), to: &none)
        #expect(none.tables.isEmpty)
    }

    @Test("The withdrawal of a piece is the 2x2 paired by seed, with the verdict, the table and the gap's path")
    func withdrawal() throws {
        let cells = (0..<8).map { seed in
            Withdrawal.Cells(
                withOn: 0.92 + noise[seed], withOff: 0.6 + noise[7 - seed], withoutOn: 0.85,
                withoutOff: 0.6 - noise[seed] / 4)
        }
        let made = try MadeStudy(
            Self.study(
                "  arm: [{level: verifier}, {level: sham}, {level: other}]",
                "  - {kind: withdrawal, factor: arm, pairs: [{piece: a verifier, with: verifier, without: sham}]}")
        ) { levels, seed in
            let isReal = levels["arm"]?.stringValue == "verifier"
            let (on, off) =
                isReal
                ? (cells[seed].withOn, cells[seed].withOff) : (cells[seed].withoutOn, cells[seed].withoutOff)
            return [
                .at(0, ["withdrawal.on": 0.8, "withdrawal.off": 0.5, "withdrawal.gap": 0.3]),
                .at(300, ["withdrawal.on": on, "withdrawal.off": off, "withdrawal.gap": on - off]),
            ]
        }
        let findings = try made.findings()
        let rule = try made.registry.design.rule(.withdrawal, outcome: "gold, withdrawal.on and withdrawal.off")
        let expected = try Withdrawal(seeds: cells, rule: rule)
        #expect(expected.verdict == .inTheEnsemble)
        let verdict = try #require(findings.verdict(about: "a verifier"))
        #expect(verdict.verdict == "in the ensemble" && verdict.tone == .negative)
        #expect(verdict.explanation.hasPrefix(expected.finding(subject: "").explanation))
        #expect(findings.table("withdrawal")?.rows == [expected.row(subject: "a verifier")])
        let bars = try #require(findings.figure("withdrawal")?.series.first)
        #expect(bars.points.map(\.x) == [0, 1, 2, 3] && abs(bars.points[0].y - 0.92) < 0.002)
        let gap = try #require(findings.figure("withdrawal-gap"))
        #expect(gap.series.count == 2 && gap.series[0].points.map(\.x) == [0, 300])
    }

    @Test("A removal in mid-run takes the outcomes at the step it names and after; missing steps are refused")
    func removal() throws {
        func findings(after: Int) throws -> Findings {
            try MadeStudy(
                Self.study(
                    "  teacher: [{level: gold}, {level: reference}]",
                    "  - {kind: removal, factor: teacher, with: gold, without: reference, piece: a teacher, at: 100, after: \(after)}"
                )
            ) { levels, seed in
                let lead = levels["teacher"]?.stringValue == "gold" ? 0.3 + noise[seed] : 0
                return [
                    .at(100, ["exact.gold": 0.5 + lead]), .at(200, ["exact.gold": 0.6 + lead + noise[7 - seed] / 3]),
                ]
            }.findings()
        }
        let kept = try #require(try findings(after: 100).verdict(about: "a teacher"))
        #expect(kept.verdict == "in the weights" && kept.explanation.contains("Removed at step 100"))
        let refused = try #require(try findings(after: 150).verdicts.first)
        #expect(refused.verdict == "refused" && refused.explanation.contains("steps 100 and 250"))
    }

    @Test(
        "Signals are read at their share of training and held against static accuracy, in the whole range and at the top"
    )
    func signalTracking() throws {
        let levels = (0..<9).map { "{level: \(0.5 + 0.05 * Double($0))}" }.joined(separator: ", ")
        let made = try MadeStudy(
            Self.study(
                "  accuracy: [\(levels)]",
                """
                  - kind: signal-tracking
                    factor: accuracy
                    at: 0.25
                    signals: [reward.mean, {meter: kl.k3, direction: falls}]
                """)
        ) { levels, seed in
            let accuracy = levels["accuracy"]?.doubleValue ?? 0
            let outcome = Self.hump(accuracy, seed)
            return [
                .at(0, ["static.accuracy": accuracy, "reward.mean": -accuracy, "kl.k3": 0]),
                .at(75, ["reward.mean": outcome + noise[seed] / 3, "kl.k3": accuracy]),
                .at(90, ["reward.mean": -outcome]), .at(300, ["exact.gold": outcome]),
            ]
        }
        let findings = try made.findings()
        #expect(
            findings.verdicts.map(\.subject) == [
                "signals at 25% of training, all levels", "signals at 25% of training, top 33% of accuracies",
            ])
        #expect(findings.verdicts[0].verdict == "better than static accuracy: reward.mean")
        let rows = findings.tables[0].rows
        #expect(rows.map(\.[0]) == [.text("static accuracy"), .text("reward.mean"), .text("kl.k3")])
        guard case .estimate(let point, _, _) = rows[1][2] else { Issue.record("no estimate"); return }
        #expect(point > 0.999)
        guard case .estimate(let accuracy, _, _) = rows[0][2], case .estimate(let falling, _, _) = rows[2][2] else {
            Issue.record("no estimate")
            return
        }
        let exact = try (0..<8).map { seed in
            let places = (0..<9).map { 0.5 + 0.05 * Double($0) }
            return try spearmanCorrelation(places, places.map { Self.hump($0, seed) })
        }
        #expect(abs(accuracy - exact.reduce(0, +) / 8) < 1e-12 && abs(falling + accuracy) < 1e-12)
    }

    @Test("An over-optimisation curve is fitted to whole runs; its peak is where gold turns, and none is invented")
    func overoptimization() throws {
        func findings(_ beta: Double) throws -> Findings {
            try MadeStudy(
                Self.study("  regime: [{level: grpo}]", "  - {kind: overoptimization, factor: regime}")
            ) { _, seed in
                (0...20).map { step in
                    let d = 0.1 * Double(step)
                    let gain = d * (0.6 + noise[seed] - (beta + noise[7 - seed] / 2) * d)
                    return .at(step, ["exact.kl": d * d, "exact.gold": 0.4 + gain, "exact.reward": d])
                }
            }.findings()
        }
        let peaked = try findings(0.25)
        #expect(peaked.verdicts[0].verdict == "gold peaks at d = 1.2 √nats" && peaked.verdicts[0].tone == .negative)
        let straight = try findings(0)
        #expect(straight.verdicts[0].verdict == "no peak within what was seen")
        #expect(straight.verdicts[0].explanation.contains("holds 0"))
        let figure = try #require(peaked.figure("overoptimization-grpo"))
        #expect(figure.series.map(\.name) == ["gold", "reward", "fit, d(α − β log d)", "fit, d(α − βd)"])
        #expect(abs(figure.series[0].points[10].x - 1) < 1e-12 && abs(figure.series[0].points[10].y - 0.35) < 0.01)
    }

    @Test("At equal KL outcomes are those where each run first came there; who never did is missing")
    func equalDivergence() throws {
        let made = try MadeStudy(
            Self.study(
                "  regime: [{level: fast}, {level: slow}, {level: short}]",
                "  - {kind: equal-divergence, factor: regime, at: [1, 2], baseline: slow}")
        ) { levels, seed in
            let speeds: [String: Double] = ["fast": 0.4, "slow": 0.25, "short": 0.12]
            let speed: Double = speeds[levels["regime"]?.stringValue ?? ""] ?? 0
            return (0...10).map { step in
                let kl = speed * Double(step)
                return .at(step, ["exact.kl": kl, "exact.gold": 0.5 + (0.1 + speed / 10) * kl + noise[seed] * kl])
            }
        }
        let findings = try made.findings()
        let table = try #require(findings.table("equal-divergence-all-arms"))
        #expect(table.columns == ["regime", "KL 1", "KL 2", "step 10", "runs that came to the largest KL"])
        guard case .estimate(let fast, _, _) = table.rows[0][1] else { Issue.record("no estimate"); return }
        #expect(abs(fast - 0.64) < 1e-9)
        #expect(
            table.rows[2][2] == FindingTable.Cell.missing && table.rows[2][4] == .integer(0)
                && table.rows[0][4] == .integer(8))
        let atOne = try #require(findings.verdict(about: "at KL 1"))
        // The same draws in every arm: the paired difference is 0.015 in every seed, which has no interval.
        #expect(atOne.explanation.contains("fast 0.015"))
    }

    @Test("Levels stand at what was read of them, arms differ from the placebo by Holm, and the A/A arm is looked at")
    func levels() throws {
        let made = try MadeStudy(
            Self.study(
                Self.accuracies,
                "  - {kind: levels, factor: accuracy, outcome: exact.gold, against: static.accuracy}", controls: true)
        ) { levels, seed in
            let accuracy = levels["accuracy"]?.doubleValue ?? 0
            let control = levels["control"]?.stringValue
            let gold = control == "placebo" ? 0.5 + noise[7 - seed] : 0.5 + (accuracy - 0.5) + noise[seed]
            return [
                .at(0, ["static.accuracy": accuracy - 0.01]),
                .at(9, ["exact.gold": gold + (control == "a-a" ? noise[(seed + 3) % 8] : 0), "exact.kl": 1]),
            ]
        }
        let findings = try made.findings()
        let figure = try #require(findings.figures.first)
        let places: [Double] = [0.49, 0.69, 0.84, 0.99]
        for (point, place) in zip(figure.series[0].points, places) { #expect(abs(point.x - place) < 1e-12) }
        #expect(figure.x.title == "static accuracy (share of pairs)")
        #expect(findings.verdict(about: "the instrument")?.verdict == "A/A: same")
        let placebo = try #require(findings.verdict(about: "shuffled reward"))
        #expect(placebo.verdict == "3 of 4 arms differ from the placebo")
        #expect(findings.table("placebo-exact-gold")?.rows.count == 4)
    }

    @Test("One run is shown with what its own readings' errors say, and judged by its paired prompts")
    func singleRun() throws {
        let made = try MadeStudy(
            Self.study(
                "  reward: [{level: gold}, {level: length}]",
                "  - {kind: gains, factor: reward}\n  - {kind: levels, factor: reward, outcome: held-out.gold.mean}\n"
                    + "  - {kind: curves, meters: [held-out.gold.mean, kl.k3]}", seeds: 1)
        ) { levels, _ in
            let gain = levels["reward"]?.stringValue == "gold" ? 0.08 : 0.01
            return [0.0, gain].enumerated().map { index, gain in
                StepReadings(
                    step: 50 * index,
                    readings: [
                        Reading("held-out.gold.mean", 0.1 + gain, standardError: 0.02, n: 128, clusters: 32),
                        Reading("held-out.gold.gain", gain, standardError: index == 0 ? nil : 0.015, n: 64),
                        Reading("kl.k3", Double(index)),
                    ])
            }
        }
        let findings = try made.findings()
        let rise = try #require(findings.verdict(about: "gold, held-out prompts: gold"))
        #expect(
            rise.verdict == "rises" && rise.tone == .positive && rise.rule.contains("over the samples of a single run"))
        // t(63) at 0.975 is 1.998341 (scipy.stats.t.ppf); 0.08 ± 0.015 of it.
        #expect(
            rise.explanation.contains("From 0.1 to 0.18 in 50 updates: 0.08 [0.05, 0.11], over 64 held-out prompts"))
        #expect(findings.verdict(about: "gold, held-out prompts: length")?.verdict == "no clear change")
        let levels = try #require(findings.table("levels-held-out-gold-mean"))
        guard case .estimate(_, let lower, let upper) = levels.rows[0][2] else {
            Issue.record("the outcome has no interval")
            return
        }
        // t(31) at 0.975 is 2.039513 (scipy.stats.t.ppf): the error is between the 32 prompts.
        #expect(abs(lower - (0.18 - 2.039513 * 0.02)) < 1e-6 && abs(upper - (0.18 + 2.039513 * 0.02)) < 1e-6)
        let points = try #require(findings.figures.last { $0.id.contains("gold") }?.series[0].points)
        #expect(points.allSatisfy { $0.lower != nil && $0.upper != nil })
        #expect(findings.figures.last { $0.id.contains("kl") }?.series[0].points.allSatisfy { $0.lower == nil } == true)
    }

    @Test("Gains of several seeds have the seed as their unit; a falling arm falls, and one reading is no gain")
    func gains() throws {
        func findings(readTwice: Bool) throws -> Findings {
            try MadeStudy(Self.study(Self.accuracies, "  - {kind: gains, outcome: exact.gold}")) { levels, seed in
                let accuracy = levels["accuracy"]?.doubleValue ?? 0
                let last = StepReadings.at(9, ["exact.gold": accuracy - 0.7 + noise[seed]])
                return (readTwice ? [.at(0, ["exact.gold": 0])] : []) + [last]
            }.findings()
        }
        let found = try findings(readTwice: true)
        #expect(found.verdicts.map(\.verdict) == ["falls", "no clear change", "rises", "rises"])
        #expect(found.verdicts[3].explanation.contains("over 8 seeds"))
        let refused = try findings(readTwice: false)
        #expect(refused.verdicts.isEmpty && refused.cautions.contains { $0.contains("nothing is said of gains") })
    }

    @Test("A break in the correlation with gold is found, and signals are held to where it is")
    func breaks() throws {
        let made = try MadeStudy(
            Self.study(
                "  learning-rate: [{level: 0.01}]",
                "  - {kind: break, factor: learning-rate, model: level, signals: [responses.agreement, reward.mean]}")
        ) { _, seed in
            (0..<30).map { step in
                let jitter = noise[(seed + step * 3) % 8]
                return .at(
                    10 * step,
                    [
                        "reward-gold.correlation": (step < 15 ? 0.6 : 0.1) + jitter,
                        "responses.agreement": (step < 17 ? 0.4 : 0.9) + jitter, "reward.mean": 0.5 + jitter,
                    ])
            }
        }
        let findings = try made.findings()
        #expect(findings.verdicts[0].verdict == "the correlation with gold breaks, median step 150")
        #expect(findings.verdicts[0].explanation.contains("breaks downwards in 8 and upwards in 0"))
        #expect(findings.verdicts[0].explanation.contains("responses.agreement found 8 of 8, lag 20"))
        #expect(findings.tables[0].rows[1][3] == .integer(0))
    }

    @Test("A prompt-blind reward: gold falls while what is read of the reward stays")
    func promptBlind() throws {
        let made = try MadeStudy(
            Self.study(
                "  style-correlation: [{level: 0}, {level: 0.95}]",
                "  - {kind: prompt-blind, factor: style-correlation, baseline: 0, static: [static.accuracy, static.swap-kept]}"
            )
        ) { levels, seed in
            let isBlind = levels["style-correlation"]?.doubleValue != 0
            return [
                .at(
                    0,
                    [
                        "static.accuracy": 0.98 + noise[seed] / 9 + (isBlind ? noise[7 - seed] / 9 : 0),
                        "static.swap-kept": 0.5,
                    ]),
                .at(300, ["exact.gold": (isBlind ? 0.3 : 0.9) + noise[seed] * (isBlind ? 1 : 0.5)]),
            ]
        }
        let findings = try made.findings()
        let verdict = try #require(findings.verdict(about: "style-correlation 0.95"))
        #expect(verdict.verdict == "trains a worse policy" && verdict.tone == .negative)
        #expect(verdict.explanation.contains("within the margin: it does not tell"))
        #expect(findings.figure("prompt-blind")?.series.count == 3)
    }

    @Test("Curves have a series an arm, a group of their own, and say what no run has read")
    func curves() throws {
        let made = try MadeStudy(
            Self.study(Self.accuracies, "  - {kind: curves, where: {accuracy: [0.5, 1]}, meters: [exact.gold, kl.k3]}")
        ) { levels, seed in
            (0...3).map { .at($0, ["exact.gold": 0.1 * Double($0) + noise[seed]]) }
        }
        let findings = try made.findings()
        #expect(findings.figures.count == 1 && findings.figures[0].series.count == 2)
        #expect(findings.figures[0].group == "Inside the runs" && findings.figures[0].n == "8 seeds")
        #expect(findings.cautions.contains("No run has a reading of kl.k3."))
        let middle = try #require(findings.figures[0].series[0].points.last)
        let exact = try studentMean((0..<8).map { 0.3 + noise[$0] })
        #expect(abs(middle.y - exact.point) < 1e-12)
        #expect(abs((middle.lower ?? 0) - exact.interval.lower) < 1e-12)
    }

    @Test("An analysis that cannot be done says so, and the others go on")
    func refusal() throws {
        let made = try MadeStudy(
            Self.study(Self.accuracies, "  - {kind: levels}\n  - {kind: curves, meters: [exact.kl]}")
        ) { _, _ in [.at(0, ["exact.kl": 1])] }
        let findings = try made.findings()
        #expect(findings.verdicts[0].verdict == "refused" && findings.verdicts[0].explanation.contains("exact.gold"))
        #expect(findings.figures.count == 1)
        #expect(findings.records.map(\.kind).contains("verdict"))
        #expect(findings.provenance.contains { $0.label == "program" && $0.value == "program test" })
    }

    @Test(
        "What an analysis cannot be is told with its line, its key and a remedy",
        arguments: [
            ("{kind: level}", "analyses.0.kind", "Did you mean levels?"),
            ("{kind: levels, factr: accuracy}", "analyses.0.factr", "Did you mean factor?"),
            ("{kind: interior-optimum, factor: acuracy}", "analyses.0.factor", "Did you mean accuracy?"),
            (
                "{kind: interior-optimum, factor: accuracy, outcome: exact.god}", "analyses.0.outcome",
                "Did you mean exact.gold?"
            ),
            ("{kind: curves, where: {accuracy: 0.6}}", "analyses.0.where.accuracy", "Did you mean 0.5?"),
            ("{kind: signal-tracking, factor: accuracy}", "analyses.0.signals", "Write, for example"),
            ("{kind: withdrawal, factor: accuracy, with: 1}", "analyses.0.without", "Name a level"),
            ("{kind: removal, factor: accuracy, with: 1, without: 0.5}", "analyses.0.at", "at: 160"),
            ("{kind: break, signals: [gold.mean]}", "analyses.0", "Name it in within"),
            ("{kind: overoptimization}", "analyses.0", "Name it in within"),
            ("{kind: equal-divergence, factor: accuracy, at: [0]}", "analyses.0.at", "Write at: [0.5, 1, 2]"),
        ])
    func errors(_ analysis: String, _ field: String, _ remedy: String) throws {
        let design = try StudyDesign(parsing: Array(Self.study(Self.accuracies, "  - \(analysis)").utf8))
        let error = #expect(throws: Diagnostic.self) { try AnalysisRegistry(design) }
        #expect(error?.category == .usage && error?.location.field == field && error?.location.line == 8)
        #expect(error?.remedy.contains(remedy) == true, "\(error.map(String.init(describing:)) ?? "")")
    }

    @Test("The rules of a study's verdicts are known before the first step, and change with its margin")
    func rules() throws {
        let text = Self.study(
            Self.accuracies, "  - {kind: interior-optimum, factor: accuracy}\n  - {kind: levels, margin: 0.1}")
        let registry = try AnalysisRegistry(try StudyDesign(parsing: Array(text.utf8)))
        #expect(registry.rules.map(\.question) == [.interiorOptimum, .contrast, .contrast])
        #expect(registry.rules.map(\.margin) == [0.02, 0.1, 0.1] && registry.rules.allSatisfy { $0.alpha == 0.05 })
        #expect(registry.rulesRecord.arrayValue?.count == 3)
        let other = try AnalysisRegistry(
            try StudyDesign(parsing: Array(text.replacing("margin: 0.02", with: "margin: 0.03").utf8)))
        #expect(registry.rulesDigest != other.rulesDigest)
    }
}
