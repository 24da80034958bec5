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

    let selection: ArmSelection
    /// The first of these that the runs have.
    let outcomes: [String]
    /// What the axis shows in place of the factor's levels.
    let against: String?
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false, allowsSide: true)
        let outcome = try reader.string("outcome")
        if let outcome { try MeterName.check(outcome, at: reader.path(of: "outcome")) }
        outcomes = outcome.map { [$0] } ?? ["exact.gold", "held-out.gold.mean", "gold.mean"]
        let against = try reader.string("against")
        if let against { try MeterName.check(against, at: reader.path(of: "against")) }
        self.against = against
        rule = try design.rule(
            .contrast, outcome: outcome ?? "gold", margin: try reader.number("margin", in: .positive))
    }

    var meters: Set<String> { Set(outcomes + [against, "exact.kl"].compactMap { $0 }) }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        guard let outcome = outcomes.first(where: { meter in readings.arms.contains { $0.has(meter) } }) else {
            throw Diagnostic(
                .badData, "no run has a reading of \(outcomes.joined(separator: " or "))",
                remedy: "Ask for it in the run's meters")
        }
        let groups = selection.groups(in: readings)
        let orders = groups.map { LevelOrder($0.arms, factor: selection.factor, against: against) }
        findings.figures.append(try figure(outcome, groups, orders, seeds: readings.seeds.count))
        findings.tables.append(try table(outcome, groups, orders))
        for group in groups { try addControls(group, outcome, to: &findings) }
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
                guard let mean = try seedMean(arm.finals(outcome), level: rule.level) else { continue }
                points.append(mean.point(at: place))
            }
            series.append(Figure.Series(group.title, mark: order.isCategorical ? .points : .line, points))
        }
        let isCategorical = orders.contains(where: \.isCategorical)
        let title = selection.factor?.name ?? "arm"
        let axis = against.map { MeterName.title(of: $0) } ?? title
        return Figure(
            id: slug("levels \(outcome) by \(title)"),
            title: "\(capitalised(MeterName.title(of: outcome))) at the end of training, by \(axis)",
            caption: "Mean of \(counted(seeds, "seed")), \(percent(rule.level)) t intervals",
            x: Figure.Axis(isCategorical ? title : axis, categories: isCategorical ? orders.first?.names : nil),
            y: Figure.Axis(MeterName.title(of: outcome)), series: series)
    }

    private func table(
        _ outcome: String, _ groups: [ArmGroup], _ orders: [LevelOrder]
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
            caption:
                "Means over seeds with \(percent(rule.level)) t intervals; runs that diverged or failed are not in them.",
            columns: ["group", selection.factor?.name ?? "arm"] + head + [
                MeterName.title(of: outcome), MeterName.title(of: "exact.kl"), "runs",
            ], rows: rows)
    }

    private func row(
        _ group: String, _ name: String, _ arm: ArmReadings, _ outcome: String
    ) throws(Diagnostic) -> [FindingTable.Cell] {
        var cells: [FindingTable.Cell] = [.text(group), .text(name)]
        if let against { cells.append(try cell(arm.firsts(against))) }
        let outcomes = arm.finals(outcome)
        cells += [try cell(outcomes), try cell(arm.finals("exact.kl")), .integer(outcomes.count { $0 != nil })]
        return cells
    }

    private func cell(_ values: [Double?]) throws(Diagnostic) -> FindingTable.Cell {
        try seedMean(values, level: rule.level)?.tableCell ?? .missing
    }
}

extension LevelsAnalysis {
    private func addControls(_ group: ArmGroup, _ outcome: String, to findings: inout Findings) throws(Diagnostic) {
        for control in group.controls {
            guard control.finals(outcome).contains(where: { $0 != nil }) else {
                findings.cautions.append(
                    "\(control.name) has no \(MeterName.title(of: outcome)), so nothing is compared with it: a reward that depends "
                        + "on its batch has no exact value.")
                continue
            }
            switch control.role {
            case .sameAgain: try addSameAgain(control, group, outcome, to: &findings)
            case .placebo: try addPlacebo(control, group, outcome, to: &findings)
            case .design: break
            }
        }
    }

    private func addSameAgain(
        _ control: ArmReadings, _ group: ArmGroup, _ outcome: String, to findings: inout Findings
    ) throws(Diagnostic) {
        var levels = control.levels
        levels.removeValue(forKey: Arm.Role.key)
        guard let original = group.arms.first(where: { $0.levels == levels }) else { return }
        let contrast = try Contrast(
            "\(original.name) − A/A", first: original.finals(outcome), second: control.finals(outcome), rule: rule)
        let isEqual = contrast.difference.values.allSatisfy { $0 == 0 }
        let differs = contrast.verdict == .differs && !isEqual
        findings.verdicts.append(
            Finding(
                verdict: isEqual ? "A/A: identical" : "A/A: \(contrast.verdict.rawValue)",
                subject: original.name,
                explanation: isEqual
                    ? "With its sampling streams keyed anew the arm reads the same in every seed: nothing here is drawn."
                    : "With nothing changed but the draws, \(MeterName.title(of: outcome)) differs by "
                        + "\(short(contrast.difference.estimate)), p = \(short(contrast.pValue)); "
                        + "\(counted(contrast.difference.values.count, "seed"))."
                        + (differs ? " One A/A in twenty does by chance; more would be the instrument's." : ""),
                tone: differs ? .negative : contrast.verdict == .same || isEqual ? .neutral : .open,
                rule: rule.summary))
    }

    private func addPlacebo(
        _ control: ArmReadings, _ group: ArmGroup, _ outcome: String, to findings: inout Findings
    ) throws(Diagnostic) {
        var contrasts: [Contrast] = []
        for arm in group.arms {
            contrasts.append(
                try Contrast(
                    arm.name, first: arm.finals(outcome), second: control.finals(outcome), rule: rule))
        }
        contrasts = try Contrast.family(contrasts)
        findings.tables.append(contrastTable(contrasts, control, outcome))
        findings.verdicts.append(placeboFinding(contrasts, control, group, outcome))
    }

    private func placeboFinding(
        _ contrasts: [Contrast], _ control: ArmReadings, _ group: ArmGroup, _ outcome: String
    ) -> Finding {
        let differing = contrasts.filter { $0.verdict == .differs }
        let above = differing.count { $0.difference.estimate.point > 0 }
        let largest = contrasts.max { $0.difference.estimate.point < $1.difference.estimate.point }
        let below = differing.count - above
        return Finding(
            verdict: "\(differing.count) of \(counted(contrasts.count, "arm")) differ from the placebo",
            subject: group.subject("shuffled reward"),
            explanation: "\(above) above, \(below) below; the largest lead in \(MeterName.title(of: outcome)) is "
                + "\(largest.map { "\(short($0.difference.estimate)) (\($0.name))" } ?? "none").",
            tone: above > 0 ? .positive : below > 0 ? .negative : .open, rule: rule.summary)
    }

    private func contrastTable(_ contrasts: [Contrast], _ control: ArmReadings, _ outcome: String) -> FindingTable {
        FindingTable(
            id: slug("contrasts \(outcome) \(control.name)"), title: "Differences from \(control.name)",
            caption:
                "\(capitalised(MeterName.title(of: outcome))), arm − placebo, paired by seed; p adjusted by Holm over the table.",
            columns: ["arm", "difference", "p, adjusted", "verdict", "seeds"],
            rows: contrasts.map { contrast in
                [
                    .text(contrast.name), contrast.difference.estimate.tableCell, .number(contrast.adjustedPValue),
                    .text(contrast.verdict.rawValue), .integer(contrast.difference.values.count),
                ]
            })
    }
}
