import Diagnostics
import Experiment
import JSON
import Statistics

/// `prompt-blind`: what a test set says of a reward that does not read the prompt, beside what tells the truth: the share of its
/// variance that no prompt explains, the preferences that survive a prompt swap, and the gold of the policy it trains.
///
/// ```yaml
/// {kind: prompt-blind, factor: style-correlation, within: regime, baseline: 0}
/// ```
struct PromptBlindAnalysis: Analysis {
    static let kind = "prompt-blind"

    let selection: ArmSelection
    let outcome: String
    /// What is read of the reward before training.
    let statics: [String]
    /// Whether the study lists them itself, so that one that no run reads is worth a caution.
    let isListed: Bool
    /// The level at which style says nothing; `nil`: the lowest.
    let baseline: JSONValue?
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        outcome = try reader.meter("outcome", default: "exact.gold")
        isListed = reader.value("static") != nil
        statics = try reader.meters(
            "static",
            default: [
                "static.test-accuracy", "static.accuracy", "static.prompt-free-share", "static.swap-kept",
            ])
        baseline = reader.value("baseline")
        if let baseline, let factor = selection.factor {
            try ArmSelection.requireLevel(baseline, of: factor, at: reader.path(of: "baseline"))
        }
        rule = try design.rule(
            .contrast, outcome: outcome, margin: try reader.number("margin", in: .positive), isOfFamily: true)
    }

    var meters: Set<String> { Set(statics + [outcome]) }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        let groups = selection.groups(in: readings)
        let read = statics.filter { meter in groups.contains { $0.arms.contains { $0.has(meter) } } }
        var rows: [[FindingTable.Cell]] = []
        for group in groups {
            let order = LevelOrder(group.arms, factor: selection.factor, against: nil)
            findings.verdicts += try verdicts(order, group, read)
            for (arm, name) in zip(order.arms, order.names) { rows.append(try row(arm, name, group, read)) }
        }
        findings.tables.append(table(rows, read))
        findings.figures.append(try figure(groups, read))
        let missing = statics.filter { !read.contains($0) }
        if isListed, !missing.isEmpty {
            findings.cautions.append("No run has a reading of \(missing.joined(separator: ", ")).")
        }
    }
}

extension PromptBlindAnalysis {
    /// Each level against the baseline: gold lost, beside what the first static meter lost.
    private func verdicts(
        _ order: LevelOrder, _ group: ArmGroup, _ read: [String]
    ) throws(Diagnostic) -> [Finding] {
        let base = order.arms.first { arm in
            guard let factor = selection.factor, let baseline else { return true }
            return StudyDesign.isSameLevel(arm.levels[factor.name], baseline)
        }
        guard let base else { return [] }
        var contrasts: [(name: String, outcome: Contrast, test: SeedMean?)] = []
        for (arm, name) in zip(order.arms, order.names) where arm.name != base.name {
            let contrast = try Contrast(
                name, first: arm.finals(outcome), second: base.finals(outcome), rule: rule)
            contrasts.append(
                (
                    name, contrast,
                    try read.first.flatMap { (meter) throws(Diagnostic) in
                        try difference(arm.firsts(meter), base.firsts(meter))
                    }
                ))
        }
        let adjusted = try Contrast.family(contrasts.map(\.outcome))
        return zip(contrasts, adjusted).map { finding($0.name, $1, $0.test, group, read.first) }
    }

    private func difference(_ first: [Double?], _ second: [Double?]) throws(Diagnostic) -> SeedMean? {
        let pairs = zip(first, second).compactMap { one, other in one.flatMap { one in other.map { one - $0 } } }
        return pairs.isEmpty ? nil : try SeedMean(pairs, rule: rule)
    }

    private func finding(
        _ name: String, _ contrast: Contrast, _ test: SeedMean?, _ group: ArmGroup, _ meter: String?
    ) -> Finding {
        let lost = contrast.difference.estimate.point < 0
        let verdict =
            switch contrast.verdict {
            case .differs: lost ? "trains a worse policy" : "trains a better policy"
            case .same: "trains the same policy"
            case .cannotTell: "cannot tell"
            }
        var said =
            "\(capitalised(MeterName.title(of: outcome))) of the optimised policy changes by "
            + "\(short(contrast.difference.estimate)), p = \(short(contrast.adjustedPValue)) by Holm."
        if let test, let meter {
            said +=
                " \(capitalised(MeterName.title(of: meter))) changes by \(short(test.estimate))"
                + (test.isWithin(rule.margin) ? ", within the margin: it does not tell." : ".")
        }
        return Finding(
            verdict: verdict, subject: group.subject("\(selection.factor?.name ?? "level") \(name)"), explanation: said,
            tone: contrast.verdict == .differs
                ? (lost ? .negative : .positive) : contrast.verdict == .same ? .neutral : .open,
            rule: rule.summary)
    }

    private func row(
        _ arm: ArmReadings, _ name: String, _ group: ArmGroup, _ read: [String]
    ) throws(Diagnostic) -> [FindingTable.Cell] {
        var cells: [FindingTable.Cell] = [.text(group.title), .text(name)]
        for (meter, values) in zip(read + [outcome], read.map(arm.firsts) + [arm.finals(outcome)]) {
            cells.append(try seedCell(values, of: meter, level: rule.level))
        }
        return cells
    }

    private func table(_ rows: [[FindingTable.Cell]], _ read: [String]) -> FindingTable {
        FindingTable(
            id: "prompt-blind", title: "What the reward scores and what it trains",
            caption:
                "The reward before training, and the policy after it: means over seeds with \(percent(rule.level)) t intervals.",
            columns: ["group", selection.factor?.name ?? "level"] + (read + [outcome]).map { MeterName.title(of: $0) },
            rows: rows)
    }

    /// Static meters, which no regime changes, from the first group; the outcome of every group.
    private func figure(_ groups: [ArmGroup], _ read: [String]) throws(Diagnostic) -> Figure {
        var series: [Figure.Series] = []
        var names: [String]?
        for (index, group) in groups.enumerated() {
            let order = LevelOrder(group.arms, factor: selection.factor, against: nil)
            if order.isCategorical { names = order.names }
            if index == 0 {
                for meter in read {
                    series.append(
                        Figure.Series(MeterName.title(of: meter), try points(order, meter) { $0.firsts(meter) }))
                }
            }
            series.append(
                Figure.Series(
                    group.subject(MeterName.title(of: outcome)), try points(order, outcome) { $0.finals(outcome) }))
        }
        let n = counted(groups.flatMap(\.arms).map { $0.outcomes(outcome) }, "seed")
        return Figure(
            id: "prompt-blind", title: "What the reward scores and what it trains",
            n: n,
            caption: "Mean of \(n), \(percent(rule.level)) t intervals",
            x: Figure.Axis(selection.factor?.name ?? "level", categories: names), y: Figure.Axis("share, or gold"),
            series: series)
    }

    private func points(
        _ order: LevelOrder, _ meter: String, _ read: (ArmReadings) -> [Double?]
    ) throws(Diagnostic) -> [Figure.Point] {
        var points: [Figure.Point] = []
        for (arm, place) in zip(order.arms, order.places) {
            if let mean = try seedMean(read(arm), of: meter, level: rule.level) { points.append(mean.point(at: place)) }
        }
        return points
    }
}
