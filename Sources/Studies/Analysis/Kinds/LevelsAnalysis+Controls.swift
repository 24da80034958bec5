import Diagnostics
import Experiment
import JSON
import Statistics

extension LevelsAnalysis {
    /// The A/A arms against the arms that they copy.
    func addSameAgain(_ groups: [ArmGroup], _ outcome: String, to findings: inout Findings) throws(Diagnostic) {
        var contrasts: [Contrast] = []
        for group in groups {
            for control in controls(.sameAgain, of: group, outcome, &findings) {
                guard let original = group.arms.first(where: { $0.levels == control.originalLevels }) else { continue }
                contrasts.append(
                    try Contrast(
                        ArmGroup.title(of: original.levels), first: original.finals(outcome),
                        second: control.finals(outcome), rule: rule))
            }
        }
        guard !contrasts.isEmpty else { return }
        // One family, so that many A/A arms raise no more alarms than one.
        var family = try Contrast.family(contrasts.filter { !$0.isIdentical })[...]
        let adjusted = contrasts.map { $0.isIdentical ? $0 : family.popFirst() ?? $0 }
        findings.verdicts.append(sameAgainFinding(adjusted, outcome))
    }

    private func sameAgainFinding(_ contrasts: [Contrast], _ outcome: String) -> Finding {
        let drawn = contrasts.filter { !$0.isIdentical }
        let differing = drawn.filter { $0.verdict == .differs }
        let said = contrasts.map { contrast in
            contrast.isIdentical
                ? "\(contrast.name) is identical, for nothing in it is drawn"
                : "\(contrast.name) \(short(contrast.difference.estimate)), p = \(short(contrast.adjustedPValue))"
        }
        let verdict =
            !differing.isEmpty
            ? "A/A: \(differing.count) of \(contrasts.count) differ"
            : drawn.isEmpty
                ? "A/A: identical" : drawn.allSatisfy { $0.verdict == .same } ? "A/A: same" : "A/A: no difference found"
        return Finding(
            verdict: verdict, subject: "the instrument",
            explanation: "With nothing changed but the draws, \(MeterName.title(of: outcome)) differs by: "
                + "\(said.joined(separator: "; ")). \(counted(contrasts[0].difference.values.count, "seed"))."
                + (differing.isEmpty
                    ? "" : " One study in twenty says so by chance; more would be the instrument's doing."),
            tone: differing.isEmpty ? .neutral : .negative, rule: rule.summary)
    }

    /// The arms of each group against its placebo, all in one family.
    func addPlacebos(_ groups: [ArmGroup], _ outcome: String, to findings: inout Findings) throws(Diagnostic) {
        var contrasts: [Contrast] = []
        for group in groups {
            guard let placebo = controls(.placebo, of: group, outcome, &findings).first else { continue }
            for arm in group.arms where arm.finals(outcome).contains(where: { $0 != nil }) {
                contrasts.append(
                    try Contrast(
                        ArmGroup.title(of: arm.levels), first: arm.finals(outcome), second: placebo.finals(outcome),
                        rule: familyRule))
            }
        }
        guard !contrasts.isEmpty else { return }
        contrasts = try Contrast.family(contrasts)
        findings.tables.append(placeboTable(contrasts, outcome))
        findings.verdicts.append(placeboFinding(contrasts, outcome))
    }

    /// A group's controls that have an outcome; a caution for those that have none.
    private func controls(
        _ role: Arm.Role, of group: ArmGroup, _ outcome: String, _ findings: inout Findings
    ) -> [ArmReadings] {
        let all = group.controls.filter { $0.role == role }
        let known = all.filter { $0.finals(outcome).contains { $0 != nil } }
        for control in all where !known.contains(where: { $0.name == control.name }) {
            findings.cautions.append(
                "\(control.name) has no \(MeterName.title(of: outcome)), so nothing is compared with it: a reward that depends on "
                    + "its batch has no exact value.")
        }
        return known
    }

    private func placeboFinding(_ contrasts: [Contrast], _ outcome: String) -> Finding {
        let differing = contrasts.filter { $0.verdict == .differs }
        let above = differing.count { $0.difference.estimate.point > 0 }
        let below = differing.count - above
        let largest = contrasts.max { $0.difference.estimate.point < $1.difference.estimate.point }
        return Finding(
            verdict: "\(differing.count) of \(counted(contrasts.count, "arm")) differ from the placebo",
            subject: "shuffled reward",
            explanation: "\(above) above, \(below) below; the largest lead in \(MeterName.title(of: outcome)) is "
                + "\(largest.map { "\(short($0.difference.estimate)) (\($0.name))" } ?? "none").",
            tone: above > 0 ? .positive : below > 0 ? .negative : .open, rule: familyRule.summary)
    }

    private func placeboTable(_ contrasts: [Contrast], _ outcome: String) -> FindingTable {
        FindingTable(
            id: slug("placebo \(outcome)"), title: "Differences from the shuffled reward",
            caption:
                "\(capitalised(MeterName.title(of: outcome))), arm − placebo of its group, paired by seed; p adjusted by Holm "
                + "over the table.",
            columns: ["arm", "difference", "p, adjusted", "verdict", "seeds"],
            rows: contrasts.map { contrast in
                [
                    .text(contrast.name), contrast.difference.estimate.tableCell, .number(contrast.adjustedPValue),
                    .text(contrast.verdict.rawValue), .integer(contrast.difference.values.count),
                ]
            })
    }
}

extension Contrast {
    /// Whether both arms read the same in every seed.
    fileprivate var isIdentical: Bool { difference.values.allSatisfy { $0 == 0 } }
}

extension ArmReadings {
    /// The levels of the arm that a control copies.
    fileprivate var originalLevels: JSONObject {
        var levels = levels
        levels.removeValue(forKey: Arm.Role.key)
        return levels
    }
}
