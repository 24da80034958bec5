import Diagnostics
import Experiment
import JSON
import Statistics

/// `curves`: a run's inside, one small figure a meter, one series an arm.
///
/// ```yaml
/// {kind: curves, meters: [exact.gold, reward.mean, exact.kl], factor: accuracy, where: {regime: grpo, accuracy: [0.6, 0.8, 1]}}
/// ```
struct CurvesAnalysis: Analysis {
    static let kind = "curves"
    /// More series than this cannot be told apart in a figure.
    static let maximumSeries = 8

    let selection: ArmSelection
    let names: [String]
    let level: Double

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false, allowsSide: true)
        names = try reader.meters("meters", default: ["exact.gold", "reward.mean", "exact.kl"])
        level = design.verdicts.level
    }

    var meters: Set<String> { Set(names) }
    var rules: [VerdictRule] { [] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        for group in selection.groups(in: readings) {
            let shown = Array(group.arms.prefix(Self.maximumSeries))
            if shown.count < group.arms.count {
                findings.cautions.append(
                    "Curves show \(shown.count) of the \(group.arms.count) arms of \(group.title); 'where' chooses others."
                )
            }
            for meter in names {
                guard let figure = try figure(of: meter, shown, group, seeds: readings.seeds.count) else { continue }
                findings.figures.append(figure)
            }
        }
        let missing = names.filter { meter in !readings.arms.contains { $0.has(meter) } }
        if !missing.isEmpty { findings.cautions.append("No run has a reading of \(missing.joined(separator: ", ")).") }
    }

    private func figure(
        of meter: String, _ arms: [ArmReadings], _ group: ArmGroup, seeds: Int
    ) throws(Diagnostic) -> Figure? {
        var series: [Figure.Series] = []
        for arm in arms where arm.has(meter) {
            let points = try arm.path(meter, level: level).map { $0.mean.point(at: Double($0.step)) }
            series.append(Figure.Series(name(of: arm, in: group), points))
        }
        guard !series.isEmpty else { return nil }
        let place = group.levels.isEmpty ? "" : ", \(group.title)"
        let n = counted(arms.filter { $0.has(meter) }.map { $0.readings(meter) }, "seed")
        var figure = Figure(
            id: slug("curve \(meter) \(group.title)"),
            title: "\(capitalised(MeterName.title(of: meter)))\(place)", n: n,
            caption: seeds == 1
                ? "\(meter): one run, \(percent(level)) band over what it was read on, where it has an error"
                : "\(meter): mean of \(n), \(percent(level)) t band",
            x: Figure.Axis(arms.contains { $0.runs.contains(where: \.isSelection) } ? "step" : "updates"),
            y: Figure.Axis(MeterName.title(of: meter), bounds: MeterName.range(of: meter)), series: series)
        figure.group = group.levels.isEmpty ? "Inside the runs" : "Inside the runs, \(group.title)"
        return figure
    }

    /// What an arm has besides its group.
    private func name(of arm: ArmReadings, in group: ArmGroup) -> String {
        let own = arm.levels.filter { group.levels[$0.key] == nil }
        return own.isEmpty ? group.title : ArmGroup.title(of: JSONObject(own.map { ($0.key, $0.value) }))
    }
}
