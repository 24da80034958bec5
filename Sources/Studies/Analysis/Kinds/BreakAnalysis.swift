import Diagnostics
import Experiment
import Statistics

/// `break`: the step at which the reward stops meaning what it meant, by the correlation with gold, and whether signals that
/// need no gold found it.
///
/// ```yaml
/// {kind: break, within: [learning-rate, kl], truth: reward-gold.correlation, signals: [responses.agreement], model: slope}
/// ```
struct BreakAnalysis: Analysis {
    static let kind = "break"

    let selection: ArmSelection
    let truth: String
    let signals: [String]
    let model: ChangeModel
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design, needsFactor: false)
        truth = try reader.meter("truth", default: "reward-gold.correlation")
        signals = try reader.meters("signals", default: ["responses.agreement"])
        model = try reader.choice("model", default: .slope)
        rule = try design.rule(.breakPoint, outcome: truth)
        for (index, signal) in signals.enumerated() where MeterName.named(signal)?.needsGold == true {
            throw Diagnostic(
                .usage, "\(signal) looks at gold, and a break is to be found without it",
                at: .init(field: "\(reader.path(of: "signals")).\(index)"), remedy: "Leave it out")
        }
    }

    var meters: Set<String> { Set(signals + [truth]) }
    var rules: [VerdictRule] { [rule] }
    var statements: [String] { [BrokenTruth.rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        for group in selection.groups(in: readings) {
            for arm in group.arms {
                let subject = ArmGroup.title(of: arm.levels)
                guard let detection = try detection(arm) else {
                    findings.verdicts.append(tooFew(subject))
                    continue
                }
                findings.verdicts.append(finding(detection, subject, lastStep: lastStep(arm)))
                rows += detection.tracks.map { row($0, detection, subject) }
            }
        }
        if !rows.isEmpty { findings.tables.append(table(rows)) }
    }

    /// `nil` where fewer than 10 steps were read.
    private func detection(_ arm: ArmReadings) throws(Diagnostic) -> BreakDetection? {
        let runs = arm.runs.filter { $0.series[truth] != nil }
        let steps = Set(runs.flatMap { $0.series[truth]?.map(\.step) ?? [] }).sorted()
        guard steps.count >= 10 else { return nil }
        let series = { (meter: String) in runs.map { run in steps.map { run.value(meter, at: $0) } } }
        return try BreakDetection(
            steps: steps.map(Double.init), truth: series(truth),
            signals: signals.map { (name: $0, values: series($0)) }, model: model, rule: rule,
            stream: RandomStream(seed: 0, purpose: "break"))
    }

    /// The last step at which anything was read.
    private func lastStep(_ arm: ArmReadings) -> Double {
        Double(arm.runs.flatMap { run in signals.compactMap { run.series[$0]?.last?.step } }.max() ?? 0)
    }

    private func tooFew(_ subject: String) -> Finding {
        Finding(
            verdict: "cannot tell", subject: subject,
            explanation: "A break needs \(truth) at 10 steps or more.", tone: .open, rule: rule.summary)
    }
}

extension BreakAnalysis {
    private func finding(_ detection: BreakDetection, _ subject: String, lastStep: Double) -> Finding {
        let said = detection.tracks.map { track in
            "\(track.name) found \(track.foundBoth) of \(track.foundBoth + track.missed)"
                + (track.lag.map { ", lag \(short($0)) steps" } ?? "")
                + (track.falseAlarms > 0 ? ", \(counted(track.falseAlarms, "false alarm"))" : "")
        }
        let truth = BrokenTruth(detection.truth, lastStep: lastStep)
        return Finding(
            verdict: truth.verdict, subject: subject,
            explanation: "\(truth.explanation(truth: self.truth)) Without gold: \(said.joined(separator: "; ")).",
            tone: truth.tone, rule: "\(rule.summary); \(BrokenTruth.rule)")
    }

    private func row(
        _ track: BreakDetection.Track, _ detection: BreakDetection, _ subject: String
    ) -> [FindingTable.Cell] {
        [
            .text(subject), .text(track.name), .integer(detection.truth.count { $0.step != nil }),
            .integer(track.foundBoth), .integer(track.missed), .integer(track.falseAlarms),
            track.lag?.tableCell ?? .missing,
        ]
    }

    private func table(_ rows: [[FindingTable.Cell]]) -> FindingTable {
        FindingTable(
            id: "break", title: "Breaks found without gold",
            caption:
                "Seeds in which \(truth) breaks, and in how many of them the signal does (p at most \(short(rule.alpha))); the lag "
                + "is the step that the signal names less the one that gold names.",
            columns: ["arm", "signal", "seeds that break", "found", "missed", "false alarms", "lag (steps)"], rows: rows
        )
    }
}

/// What became of the correlation with gold, over seeds.
///
/// It may break downwards; it may end, where from some step on all rewards of a batch are alike or all gold is, so that there is nothing
/// to correlate; it may rise, as where a policy comes to where the reward is right; or go on as it was.
struct BrokenTruth {
    static let rule = "an arm breaks, ends or rises where more than half of its seeds do"

    private let seeds: [BreakDetection.Break]
    private let falls: [Double]
    private let rises: [Double]
    /// Where the reading ends, in seeds where that is before nine tenths of the run.
    private let ends: [Double]

    init(_ seeds: [BreakDetection.Break], lastStep: Double) {
        self.seeds = seeds
        falls = seeds.filter(\.falls).compactMap(\.step).sorted()
        rises = seeds.filter { !$0.falls }.compactMap(\.step).sorted()
        ends = seeds.compactMap(\.lastRead).filter { $0 < 0.9 * lastStep }.sorted()
    }

    private static func middle(_ steps: [Double]) -> String { short(steps[(steps.count - 1) / 2]) }

    /// Something is named where more than half of the seeds have it: of many seeds without a break, each searched at α, some seem to
    /// have one.
    var verdict: String {
        if isMost(falls) { return "the correlation with gold breaks, median step \(Self.middle(falls))" }
        if isMost(ends) { return "the correlation with gold ends, median step \(Self.middle(ends))" }
        if isMost(rises) { return "the correlation with gold rises, median step \(Self.middle(rises))" }
        return falls.isEmpty && rises.isEmpty
            ? "no break in the correlation with gold" : "no break in the correlation with gold in most seeds"
    }

    private func isMost(_ steps: [Double]) -> Bool { 2 * steps.count > seeds.count }

    var tone: Finding.Tone { isMost(falls) || isMost(ends) ? .negative : .neutral }

    func explanation(truth: String) -> String {
        let all = counted(seeds.count, "seed")
        var text = "Of \(all), \(truth) breaks downwards in \(falls.count) and upwards in \(rises.count)"
        if !ends.isEmpty {
            text += "; in \(ends.count) it cannot be read to the end, for rewards or gold of a batch became all alike"
        }
        return text + "."
    }
}
