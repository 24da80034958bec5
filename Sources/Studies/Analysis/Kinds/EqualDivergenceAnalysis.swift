import Diagnostics
import Experiment
import JSON
import Statistics

/// `equal-divergence`: regimes held against each other where their policies have gone equally far, and where they have made
/// equally many steps.
///
/// ```yaml
/// {kind: equal-divergence, factor: regime, outcome: exact.gold, at: [0.5, 1, 2], baseline: grpo}
/// ```
struct EqualDivergenceAnalysis: Analysis {
    static let kind = "equal-divergence"

    let selection: ArmSelection
    let outcome: String
    /// KL to the reference, in nats per response.
    let divergences: [Double]
    /// The level that the others are held against; `nil`: the first.
    let baseline: JSONValue?
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        outcome = try reader.meter("outcome", default: "exact.gold")
        divergences = try Self.divergences(&reader)
        baseline = reader.value("baseline")
        if let baseline, let factor = selection.factor {
            try ArmSelection.requireLevel(baseline, of: factor, at: reader.path(of: "baseline"))
        }
        rule = try design.rule(
            .contrast, outcome: outcome, margin: try reader.number("margin", in: .positive), isOfFamily: true)
    }

    private static func divergences(_ reader: inout SettingsReader) throws(Diagnostic) -> [Double] {
        guard let value = reader.value("at") else { return [0.5, 1, 2] }
        let numbers = (value.arrayValue ?? [value]).map(\.doubleValue)
        let levels = numbers.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
        guard levels.count == numbers.count, !levels.isEmpty else {
            throw reader.wrong("at", value, "should list KLs above 0, in nats", remedy: "Write at: [0.5, 1, 2]")
        }
        return levels.sorted()
    }

    var meters: Set<String> { [outcome, "exact.kl"] }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        for group in selection.groups(in: readings) {
            let places = try places(group)
            findings.figures.append(try figure(group))
            findings.tables.append(try table(group, places))
            for place in places { try addContrasts(place, group, to: &findings) }
        }
    }

    /// A place where arms are held against each other.
    private struct Place {
        var name: String
        /// [arm][seed]
        var outcomes: [[Double?]]
    }

    private func places(_ group: ArmGroup) throws(Diagnostic) -> [Place] {
        var places: [Place] = []
        for level in divergences {
            var outcomes: [[Double?]] = []
            for arm in group.arms { outcomes.append(try arm.outcomes(outcome, atDivergence: level)) }
            places.append(Place(name: "KL \(short(level))", outcomes: outcomes))
        }
        let trained = group.arms.flatMap(\.runs).filter { $0.isDone && !$0.isSelection }
        if let steps = trained.map(\.lastStep).min() {
            places.append(
                Place(
                    name: "step \(steps)",
                    outcomes: group.arms.map { arm in
                        arm.runs.map { $0.isSelection ? nil : $0.value(outcome, at: steps) }
                    }))
        }
        return places
    }
}

extension ArmReadings {
    /// One a seed: the outcome where the run first came to a KL; `nil` where it never did.
    func outcomes(_ meter: String, atDivergence level: Double) throws(Diagnostic) -> [Double?] {
        var outcomes: [Double?] = []
        for run in runs {
            let read = run.together(["exact.kl", meter])
            outcomes.append(
                try outcome(
                    atDivergence: level, divergences: read.map(\.values[0]), outcomes: read.map(\.values[1])))
        }
        return outcomes
    }
}

extension EqualDivergenceAnalysis {
    private func addContrasts(_ place: Place, _ group: ArmGroup, to findings: inout Findings) throws(Diagnostic) {
        let base = group.arms.firstIndex { arm in
            guard let factor = selection.factor, let baseline else { return true }
            return StudyDesign.isSameLevel(arm.levels[factor.name], baseline)
        }
        guard let base, place.outcomes[base].contains(where: { $0 != nil }) else { return }
        var contrasts: [Contrast] = []
        for (index, arm) in group.arms.enumerated() where index != base {
            let seeds = zip(place.outcomes[index], place.outcomes[base])
            guard seeds.contains(where: { $0 != nil && $1 != nil }) else { continue }
            contrasts.append(
                try Contrast(
                    name(of: arm), first: place.outcomes[index], second: place.outcomes[base], rule: rule))
        }
        guard !contrasts.isEmpty else { return }
        findings.verdicts.append(
            finding(try Contrast.family(contrasts), place, base: name(of: group.arms[base]), group))
    }

    private func name(of arm: ArmReadings) -> String {
        selection.factor.flatMap { arm.levels[$0.name] }.map { $0.stringValue ?? $0.text } ?? arm.name
    }

    private func finding(_ contrasts: [Contrast], _ place: Place, base: String, _ group: ArmGroup) -> Finding {
        let differing = contrasts.filter { $0.verdict == .differs }
        let said = contrasts.map { contrast in
            "\(contrast.name) \(short(contrast.difference.estimate)), \(contrast.verdict.rawValue)"
                + (contrast.missing > 0 ? ", \(counted(contrast.missing, "seed")) not there" : "")
        }
        let verdict =
            differing.isEmpty
            ? "no regime is shown to differ from \(base)"
            : "\(differing.map(\.name).joined(separator: ", ")) \(differing.count == 1 ? "differs" : "differ") from \(base)"
        let same = contrasts.allSatisfy { $0.verdict == .same }
        return Finding(
            verdict: same ? "the same as \(base)" : verdict, subject: group.subject("at \(place.name)"),
            explanation:
                "\(capitalised(MeterName.title(of: outcome))) less \(base)'s: \(said.joined(separator: "; ")). p by Holm.",
            tone: same ? .neutral : differing.isEmpty ? .open : .positive, rule: rule.summary)
    }

    private func table(_ group: ArmGroup, _ places: [Place]) throws(Diagnostic) -> FindingTable {
        var rows: [[FindingTable.Cell]] = []
        for (index, arm) in group.arms.enumerated() {
            var cells: [FindingTable.Cell] = [.text(name(of: arm))]
            for place in places {
                cells.append(try seedCell(place.outcomes[index], of: outcome, level: rule.level))
            }
            let reached = divergences.last.map { last in
                arm.runs.count { ($0.series["exact.kl"]?.last?.value ?? 0) >= last }
            }
            rows.append(cells + [.integer(reached ?? 0)])
        }
        return FindingTable(
            id: slug("equal divergence \(group.title)"), title: "At equal KL and at equal steps: \(group.title)",
            caption:
                "\(capitalised(MeterName.title(of: outcome))) where a run first came to each KL (between readings by a straight "
                + "line), means over the seeds that came there, \(percent(rule.level)) t intervals. Best-of-n and tilt have no steps.",
            columns: [selection.factor?.name ?? "arm"] + places.map(\.name) + ["runs that came to the largest KL"],
            rows: rows)
    }

    private func figure(_ group: ArmGroup) throws(Diagnostic) -> Figure {
        var series: [Figure.Series] = []
        for arm in group.arms {
            let divergences = try arm.path("exact.kl", level: rule.level)
            let outcomes = try arm.path(outcome, level: rule.level)
            let points = divergences.compactMap { place in
                outcomes.first { $0.step == place.step }.map { $0.mean.point(at: place.mean.point) }
            }
            series.append(Figure.Series(name(of: arm), points))
        }
        let n = counted(group.arms.map { $0.readings(outcome) }, "seed")
        return Figure(
            id: slug("by divergence \(outcome) \(group.title)"),
            title: "\(capitalised(MeterName.title(of: outcome))) by distance from the reference",
            n: n,
            caption: "Means of \(n) at each step, \(percent(rule.level)) t intervals",
            x: Figure.Axis(MeterName.title(of: "exact.kl")), y: Figure.Axis(MeterName.title(of: outcome)),
            series: series)
    }
}
