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
        let groups = selection.groups(in: readings)
        var answers: [VerdictSummary.Answer] = []
        var weak: [String] = []
        for group in groups {
            let order = LevelOrder(group.arms, factor: selection.factor, against: against)
            let complete = order.completeRows { $0.finals(outcome) }
            if let said = try push(order) { weak.append(groups.count > 1 ? "\(group.title) \(said)" : said) }
            guard complete.rows.count >= 2, order.arms.count >= 3 else {
                answers.append(tooFew(group, order, seeds: complete.rows.count))
                continue
            }
            let optimum = try InteriorOptimum(outcomes: complete.rows, rule: rule, stream: Self.stream)
            var finding = optimum.finding(subject: group.title, names: order.names)
            if complete.missing > 0 {
                finding.explanation +=
                    " \(counted(complete.missing, "seed")) without an outcome at every level left out."
            }
            answers.append(VerdictSummary.Answer(finding))
            findings.tables.append(table(optimum, order, group.subject(selection.factor?.name ?? "level")))
        }
        let summary = VerdictSummary(answers: answers, rule: rule.summary)
        findings.verdicts.append(
            summary.finding(subject: "\(MeterName.title(of: outcome)) by \(selection.factor?.name ?? "level")"))
        if !weak.isEmpty { findings.verdicts.append(notPushed(weak)) }
    }

    private func tooFew(_ group: ArmGroup, _ order: LevelOrder, seeds: Int) -> VerdictSummary.Answer {
        VerdictSummary.Answer(
            subject: group.title, verdict: "cannot tell", tone: .open,
            explanation: "An interior optimum needs two seeds with an outcome at three levels or more; there are "
                + "\(counted(seeds, "such seed")) and \(counted(order.arms.count, "level")).")
    }

    /// The top level's final KL, where its policies moved too little for an optimum to show.
    private func push(_ order: LevelOrder) throws(Diagnostic) -> String? {
        let divergence = try order.arms.last.flatMap { (arm) throws(Diagnostic) in
            try seedMean(arm.finals("exact.kl"), of: "exact.kl", level: rule.level)
        }
        guard let divergence else { return "not known" }
        return divergence.point < leastDivergence ? short(divergence) : nil
    }

    private func notPushed(_ said: [String]) -> Finding {
        Finding(
            verdict: "not pushed far enough", subject: "top \(selection.factor?.name ?? "level")",
            explanation:
                "The final KL of the top level, in nats per response: \(said.joined(separator: "; ")). The study asks for "
                + "\(short(leastDivergence)): an optimum could lie further on.",
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
