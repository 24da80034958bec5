import Diagnostics
import Experiment
import JSON
import Statistics

/// `levels`: the outcome at the end of the runs, by arm, and what arms differ by from the controls.
///
/// ```yaml
/// {kind: levels, outcome: exact.gold, factor: accuracy, within: regime, against: static.accuracy}
/// ```
///
/// The A/A arm is held against the arm that it copies: nothing differs but the draws, so a difference would be the
/// instrument's. The other arms of a group are held against its placebo, p values adjusted by Holm.
struct LevelsAnalysis: Analysis {
    static let kind = "levels"
    private static let divergences = ["exact.kl", "held-out.kl.stepwise", "held-out.kl.k3", "kl.k3"]

    let selection: ArmSelection
    /// The first of these that the runs have.
    let outcomes: [String]
    /// What the axis shows in place of the factor's levels.
    let against: String?
    /// Of the A/A arm.
    let rule: VerdictRule
    /// Of the arms against the placebo.
    let familyRule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false, allowsSide: true)
        let outcome = try reader.string("outcome")
        if let outcome { try MeterName.check(outcome, at: reader.path(of: "outcome")) }
        outcomes = outcome.map { [$0] } ?? ["exact.gold", "held-out.gold.mean", "gold.mean"]
        let against = try reader.string("against")
        if let against { try MeterName.check(against, at: reader.path(of: "against")) }
        self.against = against
        let margin = try reader.number("margin", in: .positive)
        rule = try design.rule(.contrast, outcome: outcome ?? "gold", margin: margin)
        familyRule = try design.rule(.contrast, outcome: outcome ?? "gold", margin: margin, isOfFamily: true)
    }

    var meters: Set<String> { Set(outcomes + Self.divergences + [against].compactMap { $0 }) }
    var rules: [VerdictRule] { [rule, familyRule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        guard let outcome = outcomes.first(where: { meter in readings.arms.contains { $0.has(meter) } }) else {
            throw Diagnostic(
                .badData, "no run has a reading of \(outcomes.joined(separator: " or "))",
                remedy: "Ask for it in the run's meters")
        }
        let groups = selection.groups(in: readings)
        let orders = groups.map { LevelOrder($0.arms, factor: selection.factor, against: against) }
        findings.figures.append(try figure(outcome, groups, orders, seeds: readings.seeds.count))
        findings.tables.append(try table(outcome, groups, orders, seeds: readings.seeds.count))
        try addSameAgain(groups, outcome, to: &findings)
        try addPlacebos(groups, outcome, to: &findings)
    }
}

extension LevelsAnalysis {
    private func figure(
        _ outcome: String, _ groups: [ArmGroup], _ orders: [LevelOrder], seeds: Int
    ) throws(Diagnostic) -> Figure {
        var series: [Figure.Series] = []
        for (group, order) in zip(groups, orders) {
            var points: [Figure.Point] = []
            for (arm, place) in zip(order.arms, order.places) {
                guard let mean = try arm.final(outcome, level: rule.level) else { continue }
                points.append(mean.point(at: place))
            }
            series.append(Figure.Series(group.title, mark: order.isCategorical ? .points : .line, points))
        }
        let isCategorical = orders.contains(where: \.isCategorical)
        let title = selection.factor?.name ?? "arm"
        let axis = against.map { MeterName.title(of: $0) } ?? title
        let n = counted(orders.flatMap(\.arms).map { $0.outcomes(outcome) }, "seed")
        return Figure(
            id: slug("levels \(outcome) by \(title)"),
            title: "\(capitalised(MeterName.title(of: outcome))) at the end of training, by \(axis)",
            n: n,
            caption: seeds == 1
                ? Self.single(rule.level) : "Mean of \(n), \(percent(rule.level)) t intervals",
            x: Figure.Axis(isCategorical ? title : axis, categories: isCategorical ? orders.first?.names : nil),
            y: Figure.Axis(MeterName.title(of: outcome)), series: series)
    }

    private func table(
        _ outcome: String, _ groups: [ArmGroup], _ orders: [LevelOrder], seeds: Int
    ) throws(Diagnostic) -> FindingTable {
        var rows: [[FindingTable.Cell]] = []
        for (group, order) in zip(groups, orders) {
            for (arm, name) in zip(order.arms, order.names) { rows.append(try row(group.title, name, arm, outcome)) }
            for control in group.controls {
                rows.append(try row(group.title, control.name, control, outcome))
            }
        }
        let head = against.map { [MeterName.title(of: $0)] } ?? []
        return FindingTable(
            id: slug("levels \(outcome)"), title: "\(capitalised(MeterName.title(of: outcome))) by arm",
            caption: (seeds == 1
                ? Self.single(rule.level) : "Means over seeds with \(percent(rule.level)) t intervals")
                + "; runs that diverged or failed are not in them.",
            columns: ["group", selection.factor?.name ?? "arm"] + head + [
                MeterName.title(of: outcome), MeterName.title(of: "exact.kl"), "runs",
            ], rows: rows)
    }

    private func row(
        _ group: String, _ name: String, _ arm: ArmReadings, _ outcome: String
    ) throws(Diagnostic) -> [FindingTable.Cell] {
        var cells: [FindingTable.Cell] = [.text(group), .text(name)]
        if let against { cells.append(try firstCell(arm, against)) }
        cells += [try finalCell(arm, outcome), try finalCell(arm, divergence(of: arm))]
        cells.append(.integer(arm.finals(outcome).count { $0 != nil }))
        return cells
    }

    /// What KL is read as: exactly where the world allows it, else on held-out prompts or the batch.
    private func divergence(of arm: ArmReadings) -> String {
        Self.divergences.first { arm.has($0) } ?? Self.divergences[0]
    }

    private func firstCell(_ arm: ArmReadings, _ meter: String) throws(Diagnostic) -> FindingTable.Cell {
        let values = arm.firsts(meter)
        if arm.isSingle { return values[0].map { .number($0) } ?? .missing }
        return try seedCell(values, of: meter, level: rule.level)
    }

    private func finalCell(_ arm: ArmReadings, _ meter: String) throws(Diagnostic) -> FindingTable.Cell {
        guard arm.isSingle else { return try seedCell(arm.finals(meter), of: meter, level: rule.level) }
        guard let final = try arm.final(meter, level: rule.level) else { return .missing }
        return final.interval.isBounded ? final.tableCell : .number(final.point)
    }

    /// What the intervals of one run are.
    private static func single(_ level: Double) -> String {
        "One run an arm, \(percent(level)) intervals over what it was read on: they say nothing of another seed"
    }
}
