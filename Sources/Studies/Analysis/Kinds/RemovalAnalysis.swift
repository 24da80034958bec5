import Diagnostics
import Experiment
import Statistics

/// `removal`: a piece that has no 'on' at evaluation (a teacher, a reward bonus) is withdrawn in mid-run, and the policy trained
/// on for some steps.
///
/// ```yaml
/// {kind: removal, factor: teacher, with: gold, without: reference, outcome: exact.gold, at: 160, after: 160}
/// ```
struct RemovalAnalysis: Analysis {
    static let kind = "removal"

    let selection: ArmSelection
    let pairs: [TrainingPair]
    let outcome: String
    /// The step at which the piece goes.
    let removal: Int
    /// Steps of training without it.
    let after: Int
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        pairs = try TrainingPair.list(&reader, of: selection.factor)
        outcome = try reader.meter("outcome", default: "exact.gold")
        guard let removal = try reader.integer("at", in: 1...10_000_000),
            let after = try reader.integer("after", in: 1...10_000_000)
        else {
            throw Diagnostic(
                .usage, "a removal needs the step at which the piece goes and how many steps follow",
                at: .init(field: reader.path(of: "at")), remedy: "Write, for example, at: 160, after: 140")
        }
        self.removal = removal
        self.after = after
        rule = try design.rule(
            .withdrawal, outcome: outcome, margin: try reader.number("margin", in: .positive))
    }

    var meters: Set<String> { [outcome] }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        for arms in TrainedArms.all(pairs, selection, readings) {
            let removals = removals(arms.with, arms.without)
            guard !removals.isEmpty else {
                findings.verdicts.append(nothing(arms.subject))
                continue
            }
            let withdrawal = try Withdrawal(removals: removals, rule: rule)
            var finding = withdrawal.finding(subject: arms.subject)
            finding.explanation += " Removed at step \(removal), \(counted(after, "step")) of training after it."
            findings.verdicts.append(finding)
            rows.append(withdrawal.row(subject: arms.subject))
            findings.figures.append(try figure(arms))
        }
        guard !rows.isEmpty else { return }
        findings.tables.append(
            WithdrawalAnalysis.table(rows, id: "removal", level: rule.level))
    }

    private func removals(_ with: ArmReadings, _ without: ArmReadings) -> [Withdrawal.Removal] {
        let columns = [with, without].flatMap {
            [$0.values(outcome, at: removal), $0.values(outcome, at: removal + after)]
        }
        return (columns.first ?? []).indices.compactMap { seed in
            let values = columns.compactMap { $0[seed] }
            guard values.count == 4 else { return nil }
            return Withdrawal.Removal(
                withBefore: values[0], withAfter: values[1], withoutBefore: values[2], withoutAfter: values[3])
        }
    }

    /// What says how often the outcome is read.
    private var setting: String {
        if outcome.hasPrefix("held-out.") { return "meters.held-out-every" }
        return outcome.hasPrefix("exact.") || outcome.hasPrefix("withdrawal.") ? "meters.exact-every" : "meters.every"
    }

    private func nothing(_ subject: String) -> Finding {
        Finding(
            verdict: "refused", subject: subject,
            explanation:
                "No seed has \(outcome) at steps \(removal) and \(removal + after) in both arms. Meters have to be read at "
                + "both: set \(setting) to a divisor of them.",
            tone: .open, rule: rule.summary)
    }

    private func figure(_ arms: TrainedArms) throws(Diagnostic) -> Figure {
        var series: [Figure.Series] = []
        for (arm, name) in [(arms.with, "with"), (arms.without, "without")] {
            let points = try arm.path(outcome, level: rule.level).map { $0.mean.point(at: Double($0.step)) }
            series.append(Figure.Series("trained \(name)", points))
        }
        let n = counted([arms.with.readings(outcome), arms.without.readings(outcome)], "seed")
        var figure = Figure(
            id: slug("removal \(arms.subject)"),
            title: "Removed in mid-run: \(arms.subject)",
            n: n,
            caption: "Mean of \(n), \(percent(rule.level)) t band",
            x: Figure.Axis("updates"), y: Figure.Axis(MeterName.title(of: outcome)), series: series)
        figure.marks = [(Double(removal), "removed")]
        return figure
    }
}
