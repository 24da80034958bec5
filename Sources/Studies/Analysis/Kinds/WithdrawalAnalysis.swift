import Diagnostics
import Experiment
import JSON
import Statistics

/// `withdrawal`: the 2x2 {trained with, without a piece} x {evaluated on, off}, from `withdrawal.on` and `withdrawal.off` at the
/// end of the runs, or at a step, paired by seed; and the gap's path, which shows how a piece is absorbed.
///
/// ```yaml
/// {kind: withdrawal, factor: training, with: real, without: sham, within: piece}
/// ```
///
/// Several pieces whose arms are levels of one factor stand in one analysis as
/// `pairs: [{piece: verifier, with: verifier, without: sham verifier}, …]`.
struct WithdrawalAnalysis: Analysis {
    static let kind = "withdrawal"

    let selection: ArmSelection
    let pairs: [TrainingPair]
    /// The step of the policies that are evaluated; `nil`: the last.
    let step: Int?
    let rule: VerdictRule

    private static let (on, off, gap) = ("withdrawal.on", "withdrawal.off", "withdrawal.gap")

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        pairs = try TrainingPair.list(&reader, of: selection.factor)
        step = try reader.integer("at", in: 1...10_000_000)
        rule = try design.rule(
            .withdrawal, outcome: "gold, \(Self.on) and \(Self.off)", margin: try reader.number("margin", in: .positive)
        )
    }

    var meters: Set<String> { [Self.on, Self.off, Self.gap] }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        var bars: [Figure.Series] = []
        var paths: [Figure.Series] = []
        var counts: [Int] = []
        for arms in TrainedArms.all(pairs, selection, readings) {
            let cells = cells(arms.with, arms.without)
            guard !cells.isEmpty else {
                findings.verdicts.append(nothing(arms.subject))
                continue
            }
            let withdrawal = try Withdrawal(seeds: cells, rule: rule)
            findings.verdicts.append(finding(withdrawal, arms.subject, missing: readings.seeds.count - cells.count))
            rows.append(withdrawal.row(subject: arms.subject))
            bars.append(Figure.Series(arms.subject, mark: .bars, try self.bars(cells)))
            paths += try gaps(arms)
            counts.append(cells.count)
        }
        guard !rows.isEmpty else { return }
        findings.tables.append(Self.table(rows, id: "withdrawal", level: rule.level))
        findings.figures += [figure(bars, seeds: counts), gapFigure(paths, seeds: counts)]
    }

    /// The seeds that have all four outcomes.
    private func cells(_ with: ArmReadings, _ without: ArmReadings) -> [Withdrawal.Cells] {
        let columns = [with, without].flatMap { arm in
            [Self.on, Self.off].map { meter in step.map { arm.values(meter, at: $0) } ?? arm.finals(meter) }
        }
        return (columns.first ?? []).indices.compactMap { seed in
            let values = columns.compactMap { $0[seed] }
            guard values.count == 4 else { return nil }
            return Withdrawal.Cells(
                withOn: values[0], withOff: values[1], withoutOn: values[2], withoutOff: values[3])
        }
    }

    private func nothing(_ subject: String) -> Finding {
        Finding(
            verdict: "refused", subject: subject,
            explanation:
                "No seed has \(Self.on) and \(Self.off) at the end of both arms: the runs need a piece, and meters that are read at the end.",
            tone: .open, rule: rule.summary)
    }

    private func finding(_ withdrawal: Withdrawal, _ subject: String, missing: Int) -> Finding {
        var finding = withdrawal.finding(subject: subject)
        if let unlearned = withdrawal.unlearned {
            finding.explanation +=
                " To a policy trained without it the piece gives \(short(unlearned.estimate)) at evaluation."
        }
        if missing > 0 { finding.explanation += " \(counted(missing, "seed")) without all four outcomes left out." }
        return finding
    }
}

extension WithdrawalAnalysis {
    static func table(_ rows: [[FindingTable.Cell]], id: String, level: Double) -> FindingTable {
        FindingTable(
            id: id, title: "What remains when the piece is taken away",
            caption:
                "Contribution = internalised + rented, in gold; means over paired seeds with \(percent(level)) t intervals, "
                + "survival = internalised / contribution with Fieller's set, unbounded where it is.",
            columns: Withdrawal.columns, rows: rows)
    }

    private static let places = [
        "with, on", "with, off", "without, on", "without, off",
    ]

    private func bars(_ cells: [Withdrawal.Cells]) throws(Diagnostic) -> [Figure.Point] {
        let columns = [cells.map(\.withOn), cells.map(\.withOff), cells.map(\.withoutOn), cells.map(\.withoutOff)]
        var points: [Figure.Point] = []
        for (place, column) in columns.enumerated() {
            points.append(try studentMean(column, level: rule.level).point(at: Double(place)))
        }
        return points
    }

    private func figure(_ bars: [Figure.Series], seeds: [Int]) -> Figure {
        Figure(
            id: "withdrawal", title: "Gold by training and evaluation", n: counted(seeds, "seed"),
            caption:
                "Trained with or without the piece, evaluated with it on or off; mean of \(counted(seeds, "seed")), "
                + "\(percent(rule.level)) t intervals",
            x: Figure.Axis("trained, evaluated", categories: Self.places), y: Figure.Axis("gold"), series: bars)
    }

    private func gaps(_ arms: TrainedArms) throws(Diagnostic) -> [Figure.Series] {
        var series: [Figure.Series] = []
        for (arm, name) in [(arms.with, "with"), (arms.without, "without")] {
            let points = try arm.path(Self.gap, level: rule.level).map { $0.mean.point(at: Double($0.step)) }
            series.append(
                Figure.Series("\(arms.subject), trained \(name)", mark: name == "with" ? .line : .dashed, points))
        }
        return series
    }

    private func gapFigure(_ series: [Figure.Series], seeds: [Int]) -> Figure {
        Figure(
            id: "withdrawal-gap", title: "How the piece is absorbed: gold on less off", n: counted(seeds, "seed"),
            caption:
                "Mean of \(counted(seeds, "seed")), \(percent(rule.level)) t intervals; where the line falls to 0 the policy no "
                + "longer needs the piece",
            x: Figure.Axis("updates"), y: Figure.Axis("gold with the piece less without it"), series: series)
    }
}
