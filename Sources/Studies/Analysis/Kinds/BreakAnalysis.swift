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

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        for group in selection.groups(in: readings) {
            for arm in group.arms {
                let subject = ArmGroup.title(of: arm.levels)
                guard let detection = try detection(arm) else {
                    findings.verdicts.append(tooFew(subject))
                    continue
                }
                findings.verdicts.append(finding(detection, subject))
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

    private func tooFew(_ subject: String) -> Finding {
        Finding(
            verdict: "cannot tell", subject: subject,
            explanation: "A break needs \(truth) at 10 steps or more.", tone: .open, rule: rule.summary)
    }
}

extension BreakAnalysis {
    private func finding(_ detection: BreakDetection, _ subject: String) -> Finding {
        let steps = detection.truth.compactMap(\.step).sorted()
        let searched = detection.truth.count { $0.change != nil }
        let middle = steps.isEmpty ? nil : steps[(steps.count - 1) / 2]
        let said = detection.tracks.map { track in
            "\(track.name) found \(track.foundBoth) of \(track.foundBoth + track.missed)"
                + (track.lag.map { ", lag \(short($0)) steps" } ?? "")
                + (track.falseAlarms > 0 ? ", \(counted(track.falseAlarms, "false alarm"))" : "")
        }
        let falls = detection.truth.compactMap { $0.step == nil ? nil : $0.change?.change }.count { $0 < 0 }
        return Finding(
            verdict: middle.map { "the correlation with gold breaks, median step \(short($0))" }
                ?? "no break in the correlation with gold",
            subject: subject,
            explanation:
                "\(steps.count) of \(counted(searched, "seed")) break by \(truth), \(falls) of them downwards. Without gold: "
                + "\(said.joined(separator: "; ")).",
            tone: middle == nil ? .open : .negative, rule: rule.summary)
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
