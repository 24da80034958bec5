import Diagnostics
import Experiment
import JSON
import Statistics
import Testing

@Suite struct VerdictTests {
    private let stream = RandomStream(seed: 7, purpose: "verdict tests")

    private func rule(_ question: VerdictRule.Question, margin: Double) throws -> VerdictRule {
        try VerdictRule(question, outcome: "gold", margin: margin)
    }

    private func ends(_ estimate: Estimate) -> [Double] {
        [estimate.point, estimate.interval.lower, estimate.interval.upper]
    }

    @Test("A withdrawal's parts, bounds and verdict agree with SciPy and with all flips")
    func withdrawal() throws {
        for row in try VerdictFixture("withdrawals")["evaluation"] {
            let cells = row.rows("cells").map {
                Withdrawal.Cells(withOn: $0[0], withOff: $0[1], withoutOn: $0[2], withoutOff: $0[3])
            }
            let found = try Withdrawal(seeds: cells, rule: rule(.withdrawal, margin: row.number("margin")))
            #expect(found.verdict.rawValue == row["verdict"]?.stringValue)
            #expect(agree(ends(found.internalised.estimate), row.numbers("internalised")))
            #expect(agree(ends(found.rented.estimate), row.numbers("rented")))
            #expect(agree(ends(found.contribution.estimate), row.numbers("contribution")))
            let inside = [found.internalised.lower, found.internalised.upper]
            #expect(agree(inside, row.numbers("internalisedBounds")))
            #expect(agree([found.rented.lower, found.rented.upper], row.numbers("rentedBounds")))
            #expect(agree(found.survival.point, row.number("survival")))
            #expect(agree(found.gap.interval.lower, -found.rented.estimate.interval.upper))
            #expect(found.unlearned != nil && found.manner == .atEvaluation)
        }
    }

    @Test("A survival whose contribution is not clear of zero is printed with its unbounded set")
    func unboundedSurvival() throws {
        let noise = [0.03, -0.02, 0.01, -0.04, 0.02, 0.0, 0.05, -0.03]
        let cells = noise.map {
            Withdrawal.Cells(withOn: 0.5 + $0, withOff: 0.5 - $0 / 2, withoutOn: 0.5, withoutOff: 0.5)
        }
        let found = try Withdrawal(seeds: cells, rule: rule(.withdrawal, margin: 0.2))
        #expect(found.verdict == .neither && !found.survival.interval.isBounded)
        let finding = found.finding(subject: "verifier")
        #expect(finding.explanation.contains("∞") && finding.tone == .neutral)
        #expect(found.row(subject: "verifier").count == Withdrawal.columns.count)
    }

    @Test("A piece that takes from the weights has no verdict of its own, and the explanation says what it does")
    func crutch() throws {
        let noise = [0.003, -0.002, 0.001, -0.004, 0.002, 0.0, 0.005, -0.003]
        let cells = noise.map {
            Withdrawal.Cells(withOn: 0.9 + $0, withOff: 0.3 - $0, withoutOn: 0.4, withoutOff: 0.4)
        }
        let found = try Withdrawal(seeds: cells, rule: rule(.withdrawal, margin: 0.02))
        #expect(found.verdict == .cannotTell)
        let text = found.finding(subject: "hint").explanation
        #expect(text.contains("What it gives is rented") && text.contains("worse than one that never had it"))
        let harmless = noise.map {
            Withdrawal.Cells(withOn: 0.9 + $0, withOff: 0.39 - 10 * $0, withoutOn: 0.4, withoutOff: 0.4)
        }
        let open = try Withdrawal(seeds: harmless, rule: rule(.withdrawal, margin: 0.001))
        #expect(open.verdict == .cannotTell && !open.finding(subject: "hint").explanation.contains("worse"))
    }

    @Test("Where several conditions hold the first one names the verdict and all are listed")
    func precedence() throws {
        let noise = [0.001, -0.002, 0.001, -0.001, 0.002, -0.001, 0.0, 0.001]
        let small = noise.map {
            Withdrawal.Cells(withOn: 0.6 + $0, withOff: 0.55 - $0, withoutOn: 0.5, withoutOff: 0.5)
        }
        let found = try Withdrawal(seeds: small, rule: rule(.withdrawal, margin: 0.2))
        #expect(found.verdict == .inTheWeights)
        #expect(found.holding == [.inTheWeights, .inTheEnsemble, .both, .neither])
    }

    @Test("In mid-run what both arms gain drops out, and the lead that is left is what was learned")
    func midRun() throws {
        let noise = [0.01, -0.02, 0.01, -0.01, 0.02, -0.01, 0.0, 0.01]
        let removals = noise.map {
            Withdrawal.Removal(withBefore: 0.7 + $0, withAfter: 0.8 - $0, withoutBefore: 0.4, withoutAfter: 0.75 + $0)
        }
        let found = try Withdrawal(removals: removals, rule: rule(.withdrawal, margin: 0.1))
        #expect(agree(found.contribution.estimate.point, 0.30125) && found.unlearned == nil)
        #expect(agree(found.internalised.estimate.point, 0.0475) && found.verdict == .inTheEnsemble)
    }

    @Test("Too few seeds, or seeds that agree to the last digit, cannot tell")
    func noSpread() throws {
        let cell = Withdrawal.Cells(withOn: 1, withOff: 1, withoutOn: 0, withoutOff: 0)
        let rule = try rule(.withdrawal, margin: 0.1)
        #expect(try Withdrawal(seeds: [cell], rule: rule).verdict == .cannotTell)
        #expect(try Withdrawal(seeds: [cell, cell, cell, cell, cell, cell], rule: rule).verdict == .cannotTell)
        #expect(throws: Diagnostic.self) { try Withdrawal(seeds: [], rule: rule) }
        let broken = Withdrawal.Cells(withOn: .nan, withOff: 1, withoutOn: 0, withoutOff: 0)
        #expect(throws: Diagnostic.self) { try Withdrawal(seeds: [broken, cell], rule: rule) }
    }

    @Test("An interior optimum needs to beat both ends, with p values as all flips give them")
    func optimum() throws {
        var verdicts: [InteriorOptimum.Verdict] = []
        for row in try VerdictFixture("optima")["levels"] {
            let found = try InteriorOptimum(
                outcomes: row.rows("outcomes"), rule: rule(.interiorOptimum, margin: 0.4), stream: stream)
            #expect(agree(found.levels.compactMap(\.pAboveTop), row.numbers("againstTop")))
            #expect(agree(found.levels.compactMap(\.pAboveBottom), row.numbers("againstBottom")))
            verdicts.append(found.verdict)
            if found.verdict == .interior {
                #expect(found.best == 3 && (found.gain?.interval.lower ?? 0) > 0)
                let finding = found.finding(subject: "grpo", names: ["a", "b", "c", "d", "e"])
                #expect(finding.verdict == "interior optimum at d")
            }
        }
        #expect(Array(verdicts.prefix(3)) == [.interior, .none, .none])
        #expect(throws: Diagnostic.self) {
            try InteriorOptimum(outcomes: [[1, 2], [1, 2]], rule: rule(.interiorOptimum, margin: 1), stream: stream)
        }
    }

    @Test("Signals are ranked by Spearman over levels as SciPy does, with all flips, also in the top third")
    func tracking() throws {
        let fixture = try VerdictFixture("tracking")
        let input = try #require(fixture["input"].first)
        let optional = { (name: String) in input["signals"]?.rows(name).map { $0.map { Optional($0) } } ?? [] }
        for row in fixture["cases"] {
            let found = try SignalTracking(
                outcomes: input.rows("outcomes"), accuracy: input.rows("accuracy"),
                signals: [
                    .init("good", values: optional("good")), .init("falling", .falls, values: optional("falling")),
                    .init("noise", values: optional("noise")),
                ], topShare: row.number("share"), rule: rule(.signalTracking, margin: 0.1), stream: stream)
            for (track, expected) in zip(found.tracks, row.rows("correlations")) {
                #expect(agree(track.correlations.compactMap { $0 }, expected), "\(track)")
            }
            #expect(agree(found.tracks.compactMap { $0.mean?.point }, row.numbers("means")))
            #expect(agree(found.tracks.compactMap(\.pValue), row.numbers("p")), "\(found.tracks.map(\.pValue))")
            #expect(agree(found.tracks.compactMap { $0.advantage?.point }, row.numbers("advantages")))
            #expect(agree(found.tracks.compactMap(\.pAdvantage), row.numbers("pAdvantage")))
        }
    }

    @Test("A signal that does not vary, or is missing, has no correlation, and that is not zero")
    func undefinedSignal() throws {
        let outcomes = [[1.0, 2, 3, 5], [2, 1, 3, 4], [1, 3, 2, 4]]
        let flat: [[Double?]] = [[1, 1, 1, 1], [1, 2, 3, 4], [1, nil, nil, 2]]
        let found = try SignalTracking(
            outcomes: outcomes, accuracy: outcomes.map { _ in [0.6, 0.7, 0.8, 0.9] },
            signals: [.init("flat", values: flat)], rule: rule(.signalTracking, margin: 0.1), stream: stream)
        let track = found.tracks[1]
        #expect(track.correlations[0] == nil && track.correlations[2] == nil)
        #expect(agree(track.correlations[1] ?? .nan, 0.8) && track.undefinedSeeds == 2 && track.pValue == nil)
        #expect(track.mean?.n == 1 && track.mean?.standardError == nil && track.pAdvantage == nil)
        #expect(found.tracks[0].pValue != nil)
    }

    @Test("A contrast's interval, p value and equivalence agree with SciPy and with all flips; Holm adjusts a family")
    func contrasts() throws {
        var contrasts: [Contrast] = []
        for row in try VerdictFixture("contrasts")["pairs"] {
            let (first, second) = (row.numbers("first"), row.numbers("second"))
            let found = try Contrast(
                "a − b", first: first + [nil], second: second + [3],
                rule: rule(.contrast, margin: row.number("margin")))
            #expect(agree(ends(found.difference.estimate), row.numbers("interval")) && found.missing == 1)
            #expect(agree(found.pValue, max(row.number("student"), row.number("flip"))))
            #expect(agree(found.equivalence.pValue, row.number("tost")))
            contrasts.append(found)
        }
        let family = try Contrast.family(contrasts)
        #expect(zip(family, contrasts).allSatisfy { $0.adjustedPValue >= $1.pValue })
        #expect(family[2].verdict == .differs)
        #expect(throws: Diagnostic.self) {
            try Contrast("none", first: [nil], second: [1], rule: rule(.contrast, margin: 1))
        }
    }

    @Test("A break that gold shows is dated from signals that need none")
    func breaks() throws {
        var noise = RandomStream(seed: 2, purpose: "noise")
        let steps = (0..<30).map { Double(10 * $0) }
        let series = { (at: Int, height: Double) in
            (0..<30).map { Optional(($0 >= at ? height : 0) + 0.1 * noise.normal()) }
        }
        let truth = (0..<6).map { _ in series(15, -1) }
        let late = (0..<6).map { _ in series(17, 1) }
        let idle = (0..<6).map { _ in series(40, 1) }
        let found = try BreakDetection(
            steps: steps, truth: truth, signals: [("entropy", late), ("idle", idle)], model: .level,
            rule: rule(.breakPoint, margin: 20), replicates: 99, stream: stream)
        #expect(found.truth.allSatisfy { $0.step == 150 })
        #expect(found.tracks[0].lag?.point == 20 && found.tracks[0].foundBoth == 6)
        #expect(found.tracks[1].missed >= 4)
    }

    @Test("A rule's canonical text does not change, so its digest holds")
    func ruleText() throws {
        let rule = try VerdictRule(.contrast, outcome: "gold", margin: 0.05)
        #expect(
            rule.canonicalText
                == #"{"alpha":0.05,"bounds":"student-sign-flip-skewness","level":0.95,"margin":0.05,"outcome":"gold","#
                + #""question":"contrast","rule":"differs: two-sided t over paired seeds; same: within ±δ by two one-sided tests"}"#
        )
        var other = rule
        other.margin = 0.06
        #expect(other.canonicalText != rule.canonicalText)
    }

    @Test("A rule is read from settings, and what is wrong is said with its path")
    func ruleSettings() throws {
        let settings: JSONValue = ["question": "withdrawal", "outcome": "gold", "margin": 0.1, "bounds": "student"]
        let rule = try VerdictRule(settings: settings, path: "verdict")
        #expect(try rule == VerdictRule(.withdrawal, outcome: "gold", margin: 0.1, bounds: .student))
        let wrong: [(JSONValue, String)] = [
            (["question": "withdrawl", "outcome": "g", "margin": 1], "verdict.question"),
            (["outcome": "gold"], "verdict"), (["outcome": "gold", "margin": 0], "verdict.margin"),
            (["outcome": "gold", "margin": 1, "alpha": 0.7], "verdict.alpha"),
            (["outcome": "gold", "margin": 1, "delta": 2], "verdict.delta"),
        ]
        for (settings, field) in wrong {
            let error = #expect(throws: Diagnostic.self) { try VerdictRule(settings: settings, path: "verdict") }
            #expect(error?.location.field == field && error?.category == .usage)
        }
    }
}
