import Diagnostics
import Experiment
import Statistics

/// `interior-optimum`: whether some level of a factor gives a better outcome than both the lowest and the highest.
///
/// ```yaml
/// {kind: interior-optimum, factor: accuracy, outcome: exact.gold, within: regime, least-divergence: 2}
/// ```
///
/// An optimum shows only where policies were pushed: where the top level's final KL stays below `least-divergence`, the study
/// says so.
struct InteriorOptimumAnalysis: Analysis {
    static let kind = "interior-optimum"

    let selection: ArmSelection
    let outcome: String
    let against: String?
    /// In nats per response.
    let leastDivergence: Double
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        outcome = try reader.meter("outcome", default: "exact.gold")
        let against = try reader.string("against")
        if let against { try MeterName.check(against, at: reader.path(of: "against")) }
        self.against = against
        leastDivergence = try reader.number("least-divergence", default: 2, in: .notNegative)
        rule = try design.rule(
            .interiorOptimum, outcome: outcome, margin: try reader.number("margin", in: .positive))
    }

    var meters: Set<String> { Set([outcome, against, "exact.kl"].compactMap { $0 }) }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        for group in selection.groups(in: readings) {
            let order = LevelOrder(group.arms, factor: selection.factor, against: against)
            let complete = order.completeRows { $0.finals(outcome) }
            let subject = group.subject(selection.factor?.name ?? "level")
            guard complete.rows.count >= 2, order.arms.count >= 3 else {
                findings.verdicts.append(tooFew(subject, order, seeds: complete.rows.count))
                continue
            }
            let optimum = try InteriorOptimum(outcomes: complete.rows, rule: rule, stream: Self.stream)
            var finding = optimum.finding(subject: subject, names: order.names)
            if complete.missing > 0 {
                finding.explanation +=
                    " \(counted(complete.missing, "seed")) without an outcome at every level left out."
            }
            findings.verdicts.append(finding)
            if let weak = try push(order, subject) { findings.verdicts.append(weak) }
            findings.tables.append(table(optimum, order, subject))
        }
    }

    private func tooFew(_ subject: String, _ order: LevelOrder, seeds: Int) -> Finding {
        Finding(
            verdict: "cannot tell", subject: subject,
            explanation: "An interior optimum needs two seeds with an outcome at three levels or more; there are "
                + "\(counted(seeds, "such seed")) and \(counted(order.arms.count, "level")).",
            tone: .open, rule: rule.summary)
    }

    /// Whether the top level's policies moved far enough for an optimum to show.
    private func push(_ order: LevelOrder, _ subject: String) throws(Diagnostic) -> Finding? {
        let divergence = try order.arms.last.flatMap { (arm) throws(Diagnostic) in
            try seedMean(arm.finals("exact.kl"), level: rule.level)
        }
        if let divergence, divergence.point >= leastDivergence { return nil }
        let said = divergence.map { "\(short($0)) nats" } ?? "not known"
        return Finding(
            verdict: "not pushed far enough", subject: subject,
            explanation:
                "The top level's final KL is \(said), below the \(short(leastDivergence)) nats that the study asks for: "
                + "an optimum could lie further on.",
            tone: .open, rule: "final KL of the top level at least \(short(leastDivergence)) nats, mean over seeds")
    }

    private func table(_ optimum: InteriorOptimum, _ order: LevelOrder, _ subject: String) -> FindingTable {
        FindingTable(
            id: slug("interior \(outcome) \(subject)"), title: "Levels against both ends: \(subject)",
            caption: "Leads with the lower bounds that hold for all levels at once (max-t with sign flips, one-sided); "
                + "\(counted(optimum.seeds, "seed")).",
            columns: [
                selection.factor?.name ?? "level", MeterName.title(of: outcome), "above the top", "p",
                "above the bottom",
                "p",
            ],
            rows: optimum.levels.map { level in
                [
                    .text(order.names[level.index]), level.outcome.tableCell, level.aboveTop?.tableCell ?? .missing,
                    level.pAboveTop.map { .number($0) } ?? .missing, level.aboveBottom?.tableCell ?? .missing,
                    level.pAboveBottom.map { .number($0) } ?? .missing,
                ]
            })
    }

    /// For sign flips beyond 16 seeds.
    private static let stream = RandomStream(seed: 0, purpose: "interior optimum")
}
