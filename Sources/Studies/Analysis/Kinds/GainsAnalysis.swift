import Diagnostics
import Experiment
import JSON
import Statistics

/// `gains`: what each arm's outcome changed by from its first reading to its last.
///
/// ```yaml
/// {kind: gains, outcome: held-out.gold.mean, factor: reward, within: regime}
/// ```
///
/// The seed is the unit where there are several. Of a single run it is the held-out prompt, paired with itself; that says whether
/// this policy changed, and nothing of what another seed would do.
struct GainsAnalysis: Analysis {
    static let kind = "gains"
    /// The outcome of which a run reads the change prompt by prompt, and that reading.
    private static let paired = (outcome: "held-out.gold.mean", gain: "held-out.gold.gain")

    let selection: ArmSelection
    let outcome: String
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false, allowsSide: true)
        outcome = try reader.meter("outcome", default: Self.paired.outcome)
        let margin = try reader.number("margin", in: .positive)
        rule = try design.rule(.contrast, outcome: outcome, margin: margin, isOfFamily: true)
    }

    var meters: Set<String> { [outcome, Self.paired.gain] }
    var rules: [VerdictRule] { [rule] }
    var statements: [String] { [ruleOfOneRun] }

    private var ruleOfOneRun: String {
        "rises or falls: two-sided t over the samples of a single run; α = \(short(rule.alpha)), Holm over the arms"
    }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var gains: [Gain] = []
        for group in selection.groups(in: readings) {
            for arm in group.arms + group.controls {
                guard let gain = try gain(of: arm, in: group) else { continue }
                gains.append(gain)
            }
        }
        guard !gains.isEmpty else {
            findings.cautions.append("No run read \(MeterName.title(of: outcome)) twice, so nothing is said of gains.")
            return
        }
        let adjusted = try holmAdjusted(gains.map(\.pValue))
        for place in gains.indices { gains[place].pValue = adjusted[place] }
        for gain in gains { findings.verdicts.append(finding(of: gain)) }
        findings.tables.append(table(gains))
    }
}

extension GainsAnalysis {
    private struct Gain {
        var name: String
        var first = 0.0
        var last = 0.0
        /// The last step.
        var step = 0
        var change: Estimate
        /// Two-sided, of no change.
        var pValue: Double
        /// What the interval is over.
        var unit: String
        var isOfOneRun: Bool
    }

    private func gain(of arm: ArmReadings, in group: ArmGroup) throws(Diagnostic) -> Gain? {
        let pairs = arm.runs.compactMap { run -> (first: RunReadings.Point, last: RunReadings.Point)? in
            guard let first = run.series[outcome]?.first, let last = run.finalPoint(outcome), last.step > first.step
            else { return nil }
            return (first, last)
        }
        guard let step = pairs.map(\.last.step).max() else { return nil }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        let name = arm.role == .design ? ArmGroup.title(of: arm.levels) : arm.name
        var gain: Gain
        if arm.isSingle {
            let (change, unit) = singleChange(arm.runs[0], pairs[0].first, pairs[0].last)
            gain = Gain(name: name, change: change, pValue: Self.pValue(change), unit: unit, isOfOneRun: true)
        } else {
            let contrast = try Contrast(
                name, first: pairs.map(\.last.value), second: pairs.map(\.first.value), rule: rule)
            gain = Gain(
                name: name, change: contrast.difference.estimate, pValue: contrast.pValue,
                unit: counted(pairs.count, "seed"), isOfOneRun: false)
        }
        (gain.first, gain.last, gain.step) = (mean(pairs.map(\.first.value)), mean(pairs.map(\.last.value)), step)
        return gain
    }

    /// What one run changed by.
    private func singleChange(
        _ run: RunReadings, _ first: RunReadings.Point, _ last: RunReadings.Point
    ) -> (Estimate, String) {
        if outcome == Self.paired.outcome, let gain = run.finalPoint(Self.paired.gain), gain.step == last.step {
            return (
                student(gain.value, gain.standardError, units: gain.n), "\(gain.n) held-out prompts of one run, paired"
            )
        }
        let error = both(first.standardError, last.standardError).map { ($0 * $0 + $1 * $1).squareRoot() }
        return (
            student(last.value - first.value, error, units: min(first.n, last.n)),
            "the samples of one run, as if the two readings were unpaired"
        )
    }

    private func student(_ change: Double, _ error: Double?, units: Int) -> Estimate {
        var interval = Interval.unbounded(level: rule.level, method: "no error known")
        if let error, units > 1 {
            let t = StudentTDistribution(degreesOfFreedom: Double(units - 1))
            let reach = error * t.quantile((1 + rule.level) / 2)
            interval = Interval(
                lower: change - reach, upper: change + reach, level: rule.level, method: "t", validity: .fixedN)
        }
        return Estimate(point: change, standardError: error, interval: interval, n: units, clusters: units)
    }

    private static func pValue(_ change: Estimate) -> Double {
        guard let error = change.standardError, error > 0, change.clusters > 1 else { return 1 }
        let t = StudentTDistribution(degreesOfFreedom: Double(change.clusters - 1))
        return 2 * t.survival((change.point / error).magnitude)
    }

    private func finding(of gain: Gain) -> Finding {
        let isClear = gain.pValue <= rule.alpha
        let isRise = gain.change.point > 0
        return Finding(
            verdict: isClear ? (isRise ? "rises" : "falls") : "no clear change",
            subject: "\(MeterName.title(of: outcome)): \(gain.name)",
            explanation: "From \(short(gain.first)) to \(short(gain.last)) in \(counted(gain.step, "update")): "
                + "\(short(gain.change)), over \(gain.unit); p = \(short(gain.pValue)), adjusted.",
            tone: isClear ? (isRise ? .positive : .negative) : .open,
            rule: gain.isOfOneRun ? ruleOfOneRun : rule.summary)
    }

    private func table(_ gains: [Gain]) -> FindingTable {
        FindingTable(
            id: slug("gains \(outcome)"), title: "Change of \(MeterName.title(of: outcome)) by arm",
            caption:
                "Last reading − first, with \(percent(rule.level)) t intervals; p adjusted by Holm over the table.",
            columns: ["arm", "first", "last", "change", "p, adjusted", "interval over"],
            rows: gains.map { gain in
                [
                    .text(gain.name), .number(gain.first), .number(gain.last),
                    gain.change.interval.isBounded ? gain.change.tableCell : .number(gain.change.point),
                    .number(gain.pValue), .text(gain.unit),
                ]
            })
    }
}

/// Both, or nothing.
private func both<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
    first.flatMap { first in second.map { (first, $0) } }
}
