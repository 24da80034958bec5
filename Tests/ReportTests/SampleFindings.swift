import Experiment
import JSON

/// Findings such as studies give, with numbers made by formulas, so that they are the same everywhere.
enum SampleFindings {
    static let all = [overOptimization, accuracy, run, withdrawal]

    static let runGroup = FigureNames(
        title: "Inside the run",
        caption: "Each meter every 10 steps; bands are 95% t intervals over 8 seeds.",
        figures: ["meter-reward", "meter-gold", "meter-kl", "meter-entropy", "meter-length", "meter-correlation"])

    struct FigureNames {
        let title: String
        let caption: String
        let figures: [String]
    }

    // Over-optimisation -------------------------------------------------------------------------------------------

    static var overOptimization: Findings {
        var findings = Findings(
            title: "Over-optimisation of a learned reward",
            question: "How far can a policy follow this reward before the gold outcome falls?")
        findings.verdicts = [
            Finding(
                verdict: "peaks at √KL = 1.75", subject: "policy gradient, learned reward at accuracy 0.75",
                explanation:
                    "Gold rises by 0.306 [0.281, 0.331] up to √KL = 1.75 [1.52, 2.04] and has lost a third of it "
                    + "at the end of the run, while the proxy still grows.",
                tone: .negative, rule: "peak within the d observed and β's 95% interval above 0; 8 whole runs, t"),
            Finding(
                verdict: "cannot tell", subject: "best-of-n",
                explanation: "β's interval [−0.02, 0.09] includes 0: n = 64 does not reach far enough to show a peak.",
                tone: .open, rule: "peak within the d observed and β's 95% interval above 0; 8 whole runs, t"),
        ]
        findings.figures = [overOptimizationFigure]
        findings.tables = [fits]
        findings.cautions = [
            "Points of one run are not independent: intervals come from whole runs.",
            "log n − (n−1)/n is an upper bound of best-of-n's KL; the exact KL is drawn here.",
        ]
        findings.provenance = [
            ("world", "match, 64 prompts, seed 1"), ("seeds", "8"), ("steps", "300"),
            ("study digest", "sha256 4d0b7c1f0f6c2f9f3a3f64b4a7b1d86b1f0e5d3c2b1a09f8e7d6c5b4a3928170"),
            ("program", "assay 0.1.0"),
        ]
        return findings
    }

    static var overOptimizationFigure: Figure {
        let distances = (0...40).map { Double($0) * 0.07 }
        func curve(_ rise: Double, _ fall: Double, _ width: Double) -> [Figure.Point] {
            distances.map { d in
                let wiggle = 0.012 * Double((Int(d * 100) * 7919) % 13 - 6) / 6
                let y = d * (rise - fall * d) + wiggle * d
                return Figure.Point(x: d, y: y, lower: y - width * d - 0.004, upper: y + width * d + 0.004)
            }
        }
        let fit = distances.map { Figure.Point(x: $0, y: $0 * (0.35 - 0.1 * $0)) }
        var figure = Figure(
            id: "over-optimization", title: "The proxy keeps rising after gold has turned",
            caption: "Mean of 8 seeds, change from the reference policy; bands are 95% t intervals over whole runs",
            x: .init("√KL to the reference (√nats per response)"), y: .init("change of mean score (gold's units)"),
            series: [
                .init("proxy", curve(0.42, 0.045, 0.022)), .init("gold", curve(0.35, 0.1, 0.014)),
                .init("gold, fit d(α − βd)", mark: .dashed, fit),
            ])
        figure.marks = [(x: 1.75, name: "gold's peak, α/2β = 1.75")]
        return figure
    }

    static var fits: FindingTable {
        FindingTable(
            id: "fits", title: "Fits", caption: "R = d(α − βd), 95% intervals over 8 whole runs.",
            columns: ["regime", "α", "β", "peak d", "runs"],
            rows: [
                [
                    .text("policy gradient"), .estimate(point: 0.35, lower: 0.331, upper: 0.369),
                    .estimate(point: 0.1, lower: 0.088, upper: 0.112),
                    .estimate(point: 1.75, lower: 1.5234, upper: 2.0412), .integer(8),
                ],
                [
                    .text("best-of-n"), .estimate(point: 0.291, lower: 0.27, upper: 0.312),
                    .estimate(point: 0.035, lower: -0.021, upper: 0.091), .missing, .integer(8),
                ],
            ])
    }

    // Accuracy ----------------------------------------------------------------------------------------------------

    static var accuracy: Findings {
        var findings = Findings(
            title: "Reward accuracy against outcome", question: "Does a more accurate reward train a better policy?")
        findings.verdicts = [
            Finding(
                verdict: "interior optimum at 0.85", subject: "grpo, planted",
                explanation: "Gold at accuracy 0.85 is 0.041 above that at 1.00; simultaneous lower bound 0.012.",
                tone: .positive,
                rule: "one-sided max-t over seed differences to the top level, α = 0.05, and best > bottom"),
            Finding(
                verdict: "no interior optimum", subject: "best-of-n, planted",
                explanation: "No level lies above the top one by more than the margin of 0.02.", tone: .neutral,
                rule: "one-sided max-t over seed differences to the top level, α = 0.05, and best > bottom"),
            Finding(
                verdict: "cannot tell", subject: "dpo, planted",
                explanation: "The simultaneous lower bound is −0.004.", tone: .open,
                rule: "one-sided max-t over seed differences to the top level, α = 0.05, and best > bottom"),
        ]
        findings.figures = [accuracyFigure]
        findings.tables = [outcomes]
        return findings
    }

    static var accuracyFigure: Figure {
        let levels = stride(from: 0.5, through: 1.001, by: 0.0625)
        func series(_ name: String, _ top: Double, _ bend: Double, _ half: Double) -> Figure.Series {
            let points = levels.map { level in
                let y = 0.34 + top * (level - 0.5) * 2 - bend * max(0, level - 0.8) * 5
                return Figure.Point(x: level, y: y, lower: y - half, upper: y + half * 1.1)
            }
            return Figure.Series(name, mark: .points, points)
        }
        return Figure(
            id: "accuracy-outcome", title: "Gold of the final policy at nine levels of accuracy",
            caption: "Mean of 8 seeds with 95% t intervals; regimes at one level are set apart sideways",
            x: .init("reward accuracy on pairs of the reference policy (share)"),
            y: .init("gold of the final policy (share of responses)"),
            series: [
                series("best-of-n, n = 16", 0.38, 0, 0.015), series("grpo", 0.5, 0.12, 0.028),
                series("dpo, on-policy", 0.3, 0.03, 0.021),
            ])
    }

    static var outcomes: FindingTable {
        FindingTable(
            id: "outcomes", title: "Outcome by level",
            caption: "Gold of the final policy, mean [95% t interval] of 8 seeds; KL in nats per response.",
            columns: ["accuracy", "best-of-n", "grpo", "KL, grpo", "tokens trained", "diverged"],
            rows: (0..<4).map { row in
                let level = 0.5 + Double(row) / 6
                return [
                    .number(level),
                    .estimate(point: 0.34 + 0.1 * level, lower: 0.32 + 0.1 * level, upper: 0.37 + 0.1 * level),
                    .estimate(point: 0.3 + 0.3 * level, lower: 0.25 + 0.3 * level, upper: .infinity),
                    .number(2.1 * level),
                    .integer(1_228_800 + row), row == 2 ? .missing : .integer(0),
                ]
            })
    }

    // A run's inside ----------------------------------------------------------------------------------------------

    static var run: Findings {
        var findings = Findings(
            title: "A run's inside: grpo with a learned reward",
            question: "What did the reward do to the policy, step by step?")
        let steps = (0...30).map { Double($0 * 10) }
        func meter(_ id: String, _ title: String, _ unit: String, _ value: (Double, Double) -> Double) {
            let arms = [("learned", 1.0), ("gold", 0.55), ("sham", 0.04)]
            let series = arms.map { name, strength in
                let points = steps.map { step in
                    let y = value(step / 300, strength)
                    return Figure.Point(
                        x: step, y: y, lower: y - 0.02 - 0.04 * y.magnitude, upper: y + 0.02 + 0.04 * y.magnitude)
                }
                return Figure.Series(name, points)
            }
            var figure = Figure(
                id: "meter-\(id)", title: title, caption: "", x: .init("step"), y: .init(unit), series: series)
            figure.marks = id == "gold" ? [(x: 150, name: "reward removed")] : []
            findings.figures.append(figure)
        }
        meter("reward", "Reward", "mean (reward's units)") { 2.4 * $1 * $0 / (0.2 + $0) }
        meter("gold", "Gold", "share of responses") { 0.31 + $1 * (0.5 * $0 - 0.42 * $0 * $0) }
        meter("kl", "KL to the reference", "nats per response") { 3.2 * $1 * $0 }
        meter("entropy", "Entropy", "nats per response") { 3.1 - 2.2 * $1 * $0 }
        meter("length", "Length", "tokens") { 14 + 9 * $1 * $0 * $0 }
        meter("correlation", "Correlation of reward and gold", "Pearson, current samples") { 0.6 - 0.9 * $1 * $0 }
        return findings
    }

    // Withdrawal --------------------------------------------------------------------------------------------------

    static var withdrawal: Findings {
        var findings = Findings(
            title: "Withdrawal of a verifier", question: "What remains when the verifier is taken away?")
        findings.verdicts = [
            Finding(
                verdict: "in the ensemble", subject: "verifier choosing among 8 samples",
                explanation:
                    "Rented P = 0.180 [0.151, 0.209]; internalised I = 0.006 [−0.011, 0.023] lies within ±0.03.",
                tone: .negative, rule: "lower(P) > 0 and I within ±0.03 by two one-sided tests, α = 0.05")
        ]
        findings.figures = [withdrawalFigure]
        return findings
    }

    static var withdrawalFigure: Figure {
        Figure(
            id: "withdrawal", title: "The verifier's worth goes with the verifier",
            caption: "Mean gold on 64 held-out prompts, 8 seeds, 95% t intervals",
            x: .init("in training", categories: ["trained with the verifier", "compute-matched sham"]),
            y: .init("gold (share of prompts solved)"),
            series: [
                .init(
                    "evaluated with it", mark: .bars,
                    [
                        .init(x: 0, y: 0.612, lower: 0.58, upper: 0.644),
                        .init(x: 1, y: 0.604, lower: 0.575, upper: 0.633),
                    ]),
                .init(
                    "evaluated without it", mark: .bars,
                    [
                        .init(x: 0, y: 0.432, lower: 0.405, upper: 0.459),
                        .init(x: 1, y: 0.426, lower: 0.4, upper: 0.452),
                    ]),
            ])
    }
}
