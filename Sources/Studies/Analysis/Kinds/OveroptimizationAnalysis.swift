import Diagnostics
import Experiment
import RealModule
import Statistics

/// `overoptimization`: what a policy gains in reward and in gold with its distance d = √KL from the reference, and where gold
/// turns down.
///
/// ```yaml
/// {kind: overoptimization, within: [regime, accuracy]}
/// ```
///
/// Both of Gao's forms are fitted to whole runs, R = d(α − βd) and R = d(α − β log d); points of one run are not independent.
struct OveroptimizationAnalysis: Analysis {
    static let kind = "overoptimization"

    let selection: ArmSelection
    let level: Double

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false)
        level = design.verdicts.level
    }

    var meters: Set<String> { ["exact.kl", "exact.gold", "exact.reward", "kl.bound", "selection.n"] }
    var rules: [VerdictRule] { [] }
    var statements: [String] { [Self.rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        for group in selection.groups(in: readings) {
            for arm in group.arms {
                let curves = GainCurves(arm)
                let subject = ArmGroup.title(of: arm.levels)
                guard curves.paths.contains(where: { $0.distances.contains { $0 > 0 } }) else {
                    findings.verdicts.append(noPath(subject))
                    continue
                }
                let fits = try curves.fits(level: level)
                findings.verdicts.append(finding(curves, fits, subject))
                findings.figures.append(try figure(curves, fits, subject))
                for fit in fits { rows.append(row(fit, subject)) }
                if curves.isSelection { findings.tables.append(try bounds(arm, subject)) }
            }
        }
        if !rows.isEmpty { findings.tables.append(table(rows)) }
    }

    private func noPath(_ subject: String) -> Finding {
        Finding(
            verdict: "refused", subject: subject,
            explanation:
                "No run has exact readings of KL and gold at two distances from the reference, so there is no curve.",
            tone: .open, rule: Self.rule)
    }

    private static let rule =
        "α and β by least squares for each run, t over runs; a peak is refused where β's interval holds 0, β is negative, or the "
        + "peak lies beyond the largest d observed; of the two forms the one with the smaller residual decides"
}

/// The paths of an arm's runs.
private struct GainCurves {
    let isSelection: Bool
    /// Gold less its value at the start, one path a run.
    let paths: [OveroptimizationPath]
    /// By step: d, gold gained, reward gained, of every run that has them.
    let points: [(step: Int, distances: [Double], golds: [Double], rewards: [Double])]

    init(_ arm: ArmReadings) {
        isSelection = arm.runs.contains(where: \.isSelection)
        var paths: [OveroptimizationPath] = []
        var points: [Int: (distances: [Double], golds: [Double], rewards: [Double])] = [:]
        for run in arm.runs where run.isDone {
            let read = run.together(["exact.kl", "exact.gold"])
            guard let start = read.first?.values[1] else { continue }
            let rewards = Dictionary(
                run.series["exact.reward"]?.map { ($0.step, $0.value) } ?? [], uniquingKeysWith: { $1 })
            let rewardAtStart = rewards[read[0].step]
            var path = OveroptimizationPath(distances: [], gains: [])
            for (step, values) in read {
                // Rounding may leave a KL of 0 a little below it.
                let distance = Double.sqrt(max(0, values[0]))
                path.distances.append(distance)
                path.gains.append(values[1] - start)
                points[step, default: ([], [], [])].distances.append(distance)
                points[step]?.golds.append(values[1] - start)
                if let reward = rewards[step], let first = rewardAtStart {
                    points[step]?.rewards.append(reward - first)
                }
            }
            paths.append(path)
        }
        self.paths = paths
        self.points = points.sorted { $0.key < $1.key }.map { ($0.key, $0.value.0, $0.value.1, $0.value.2) }
    }

    /// Both forms, the one that was found for such a regime first.
    func fits(level: Double) throws(Diagnostic) -> [OveroptimizationFit] {
        let forms: [OveroptimizationForm] =
            isSelection ? [.bestOfN, .reinforcementLearning] : [.reinforcementLearning, .bestOfN]
        var fits: [OveroptimizationFit] = []
        for form in forms { fits.append(try fitOveroptimization(paths, form: form, level: level)) }
        return fits
    }

    /// How far the runs came, and what gold they had gained at most and in the end; means over runs.
    var summary: (furthest: Double, highest: Double, last: Double) {
        let gains = points.map { $0.golds.reduce(0, +) / Double($0.golds.count) }
        let furthest = points.map { $0.distances.reduce(0, +) / Double($0.distances.count) }.max() ?? 0
        return (furthest, gains.max() ?? 0, gains.last ?? 0)
    }
}

extension OveroptimizationAnalysis {
    private func finding(_ curves: GainCurves, _ fits: [OveroptimizationFit], _ subject: String) -> Finding {
        let summary = curves.summary
        let best = fits.min { $0.residual < $1.residual } ?? fits[0]
        let said = fits.map { fit in
            "\(fit.form.rawValue): α \(short(fit.alpha)), β \(short(fit.beta)), "
                + (fit.peak.map { "peak at d = \(short($0))" } ?? "no peak, since \(fit.refusal ?? "")")
        }
        let verdict = best.peak.map { "gold peaks at d = \(short($0.point)) √nats" } ?? "no peak within what was seen"
        return Finding(
            verdict: verdict, subject: subject,
            explanation:
                "Gold gained \(short(summary.highest)) at most and \(short(summary.last)) in the end, at d up to "
                + "\(short(summary.furthest)). \(said.joined(separator: "; ")). \(counted(curves.paths.count, "run")); the form "
                + "with the smaller residual decides.",
            tone: best.peak == nil ? .neutral : .negative, rule: Self.rule)
    }

    private func figure(
        _ curves: GainCurves, _ fits: [OveroptimizationFit], _ subject: String
    ) throws(Diagnostic) -> Figure {
        var gold: [Figure.Point] = []
        var reward: [Figure.Point] = []
        for point in curves.points {
            let d = point.distances.reduce(0, +) / Double(point.distances.count)
            gold.append(try studentMean(point.golds, level: level).point(at: d))
            if !point.rewards.isEmpty { reward.append(try studentMean(point.rewards, level: level).point(at: d)) }
        }
        var series = [Figure.Series("gold", gold)]
        if !reward.isEmpty { series.append(Figure.Series("reward", reward)) }
        for fit in fits {
            let places = (0...48).map { fit.furthest * Double($0) / 48 }
            series.append(
                Figure.Series(
                    "fit, \(fit.form.rawValue)", mark: .dashed,
                    places.map { Figure.Point(x: $0, y: fit.value(at: $0)) }))
        }
        return Figure(
            id: slug("overoptimization \(subject)"),
            title: "What is gained with distance: \(subject)", n: counted(curves.paths.count, "run"),
            caption:
                "Means of \(counted(curves.paths.count, "run")) at each step, \(percent(level)) t intervals of the gains; "
                + "fits to whole runs",
            x: Figure.Axis("d = √KL to reference (√nats per response)"), y: Figure.Axis("gain over the start"),
            series: series)
    }

    private func row(_ fit: OveroptimizationFit, _ subject: String) -> [FindingTable.Cell] {
        [
            .text(subject), .text(fit.form.rawValue), fit.alpha.tableCell, fit.beta.tableCell,
            fit.peak?.tableCell ?? .missing, .number(fit.residual), .text(fit.refusal ?? ""),
        ]
    }

    private func table(_ rows: [[FindingTable.Cell]]) -> FindingTable {
        FindingTable(
            id: "overoptimization-fits", title: "Fits of gold gained to d = √KL",
            caption: "Natural logarithm; \(percent(level)) intervals of Student over runs, the peak's by Fieller. "
                + "Gao, Schulman and Hilton 2022, section 3.1.",
            columns: ["arm", "form", "α", "β", "peak d", "residual (root mean square)", "why no peak"], rows: rows)
    }

    /// The KL of best-of-n beside the bound that is often taken for it.
    private func bounds(_ arm: ArmReadings, _ subject: String) throws(Diagnostic) -> FindingTable {
        var rows: [[FindingTable.Cell]] = []
        let kl = try arm.path("exact.kl", level: level)
        let sizes = try arm.path("selection.n", level: level)
        let bounds = try arm.path("kl.bound", level: level)
        for (step, mean) in kl {
            guard let size = sizes.first(where: { $0.step == step }),
                let bound = bounds.first(where: { $0.step == step })
            else { continue }
            rows.append([.integer(Int(size.mean.point)), mean.tableCell, .number(bound.mean.point)])
        }
        return FindingTable(
            id: slug("best-of-n divergence \(subject)"), title: "KL of best-of-n: \(subject)",
            caption:
                "Exact, by enumeration, beside log n − (n−1)/n, which is an upper bound, reached where no two responses tie.",
            columns: ["n", MeterName.title(of: "exact.kl"), "upper bound"], rows: rows)
    }
}
