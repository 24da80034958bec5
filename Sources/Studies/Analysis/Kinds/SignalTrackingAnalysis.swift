import Diagnostics
import Experiment
import JSON
import Statistics

/// `signal-tracking`: which signal, read early in a run, ranks the levels of a factor as their final outcome does, and
/// whether any does so better than static accuracy.
///
/// ```yaml
/// kind: signal-tracking
/// factor: accuracy
/// within: regime
/// outcome: exact.gold
/// at: 0.25                    # of the training
/// signals:
///   - gold.mean
///   - {meter: kl.k3, direction: falls}
/// ```
///
/// Asked twice: over all levels, and over the top third of accuracies, a restricted range being where benchmarks fail.
struct SignalTrackingAnalysis: Analysis {
    static let kind = "signal-tracking"

    struct Signal: Sendable, Hashable {
        var meter: String
        var direction: SignalTracking.Signal.Direction
    }

    let selection: ArmSelection
    let outcome: String
    /// The meter of static accuracy; where a run has no reading, the factor's level stands in for it.
    let accuracy: String
    let signals: [Signal]
    /// The share of a run after which signals are read.
    let share: Double
    let topShare: Double
    let rule: VerdictRule

    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic) {
        selection = try ArmSelection(&reader, of: design)
        outcome = try reader.meter("outcome", default: "exact.gold")
        accuracy = try reader.meter("accuracy", default: "static.accuracy")
        share = try reader.number("at", default: 0.25, in: .probability)
        topShare = try reader.number("top-share", default: 1.0 / 3, in: .probability)
        signals = try Self.signals(&reader)
        rule = try design.rule(
            .signalTracking, outcome: outcome, margin: try reader.number("margin", in: .positive))
    }

    private static func signals(_ reader: inout SettingsReader) throws(Diagnostic) -> [Signal] {
        var signals: [Signal] = []
        let path = reader.path(of: "signals")
        for (index, value) in try reader.list("signals").enumerated() {
            if let meter = value.stringValue {
                try MeterName.check(meter, at: "\(path).\(index)")
                signals.append(Signal(meter: meter, direction: .rises))
                continue
            }
            var signal = try SettingsReader(value, path: "\(path).\(index)")
            let meter = try signal.meter("meter", default: "")
            let direction = try signal.choice("direction", default: SignalTracking.Signal.Direction.rises)
            signals.append(Signal(meter: meter, direction: direction))
            try signal.finish()
        }
        guard !signals.isEmpty else {
            throw Diagnostic(
                .usage, "there are no signals to hold against static accuracy", at: .init(field: path),
                remedy: "Write, for example, signals: [reward.mean, kl.k3]")
        }
        return signals
    }

    var meters: Set<String> { Set(signals.map(\.meter) + [outcome, accuracy]) }
    var rules: [VerdictRule] { [rule] }

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        let groups = selection.groups(in: readings)
        let ranges = [("all levels", 1.0), ("top \(short((topShare * 100).rounded()))% of accuracies", topShare)]
        var answers: [[VerdictSummary.Answer]] = ranges.map { _ in [] }
        for group in groups {
            guard let table = SignalTable(group, self), table.seeds > 1, table.levels >= 3 else {
                for range in ranges.indices { answers[range].append(tooFew(group)) }
                continue
            }
            for (index, range) in ranges.enumerated() {
                let tracking = try table.tracking(topShare: range.1, rule: rule)
                answers[index].append(answer(tracking, group, seeds: table.seeds))
                findings.tables.append(self.table(tracking, group.subject("early signals"), range.0))
            }
            findings.cautions += table.cautions(group.subject("early signals"))
        }
        for (range, answers) in zip(ranges, answers) where range.1 < 1 || range.0 == "all levels" {
            let summary = VerdictSummary(answers: answers, rule: rule.summary)
            findings.verdicts.append(summary.finding(subject: "signals at \(percent(share)) of training, \(range.0)"))
        }
    }

    private func tooFew(_ group: ArmGroup) -> VerdictSummary.Answer {
        VerdictSummary.Answer(
            subject: group.title, verdict: "cannot tell", tone: .open,
            explanation: "Tracking needs two seeds that have an outcome and a static accuracy at three levels or more.")
    }
}

/// What was read of a group, [seed][level].
private struct SignalTable {
    private let outcomes: [[Double]]
    private let accuracies: [[Double]]
    private let signals: [SignalTracking.Signal]
    private let missing: Int

    var seeds: Int { outcomes.count }
    var levels: Int { outcomes.first?.count ?? 0 }

    init?(_ group: ArmGroup, _ analysis: SignalTrackingAnalysis) {
        let order = LevelOrder(group.arms, factor: analysis.selection.factor, against: analysis.accuracy)
        let accuracy = { (arm: ArmReadings) -> [Double?] in
            let level = analysis.selection.factor.flatMap { arm.levels[$0.name]?.doubleValue }
            return arm.firsts(analysis.accuracy).map { $0 ?? level }
        }
        let complete = order.completeRows { arm in
            zip(arm.finals(analysis.outcome), accuracy(arm)).map { $0 != nil && $1 != nil ? $0 : nil }
        }
        guard !complete.rows.isEmpty else { return nil }
        outcomes = complete.rows
        missing = complete.missing
        accuracies = complete.seeds.map { seed in order.arms.compactMap { accuracy($0)[seed] } }
        signals = analysis.signals.map { signal in
            let columns = order.arms.map { $0.values(signal.meter, upTo: analysis.share) }
            return SignalTracking.Signal(
                signal.meter, signal.direction, values: complete.seeds.map { seed in columns.map { $0[seed] } })
        }
    }

    func tracking(topShare: Double, rule: VerdictRule) throws(Diagnostic) -> SignalTracking {
        try SignalTracking(
            outcomes: outcomes, accuracy: accuracies, signals: signals, topShare: topShare, rule: rule,
            stream: RandomStream(seed: 0, purpose: "signal tracking"))
    }

    func cautions(_ subject: String) -> [String] {
        missing > 0 ? ["\(subject): \(counted(missing, "seed")) without an outcome at every level left out."] : []
    }
}

extension SignalTrackingAnalysis {
    private func answer(_ tracking: SignalTracking, _ group: ArmGroup, seeds: Int) -> VerdictSummary.Answer {
        let better = tracking.tracks.dropFirst().filter { ($0.pAdvantage ?? 1) <= rule.alpha }
        let tracks = tracking.tracks.filter { ($0.pValue ?? 1) <= rule.alpha }
        let verdict =
            !better.isEmpty
            ? "better than static accuracy: \(better.map(\.name).joined(separator: ", "))"
            : tracks.isEmpty ? "no signal is shown to track" : "nothing is shown to track better than static accuracy"
        return VerdictSummary.Answer(
            subject: group.title, verdict: verdict, tone: better.isEmpty ? .open : .positive,
            explanation: explanation(tracking, tracks, seeds))
    }

    private func explanation(
        _ tracking: SignalTracking, _ tracks: [SignalTracking.Track], _ seeds: Int
    ) -> String {
        let accuracy = tracking.tracks[0].mean.map { short($0) } ?? "undefined"
        let best = tracking.tracks.dropFirst().filter { $0.mean != nil }
            .max { ($0.mean?.point ?? -2) < ($1.mean?.point ?? -2) }
        let others = best.map { "; best of the signals, \($0.name): \($0.mean.map { short($0) } ?? "")" } ?? ""
        let names = tracks.isEmpty ? "none" : tracks.map(\.name).joined(separator: ", ")
        return
            "Spearman with \(MeterName.title(of: outcome)) over \(counted(tracking.levels.count, "level")), static accuracy: "
            + "\(accuracy)\(others). Shown to track: \(names). \(counted(seeds, "seed")), signals read at "
            + "\(percent(share)) of training."
    }

    private func table(_ tracking: SignalTracking, _ subject: String, _ range: String) -> FindingTable {
        FindingTable(
            id: slug("tracking \(subject) \(range)"), title: "Which signal tracks the outcome: \(subject), \(range)",
            caption:
                "Spearman over levels, mean over seeds with \(percent(rule.level)) t intervals; p one-sided in the declared "
                + "direction, adjusted over signals by max-t. A signal that does not vary has no correlation.",
            columns: ["signal", "direction", "Spearman", "p", "less static accuracy's", "p", "undefined seeds"],
            rows: tracking.tracks.map { track in
                [
                    .text(track.name), .text(track.direction.rawValue), track.mean?.tableCell ?? .missing,
                    track.pValue.map { .number($0) } ?? .missing, track.advantage?.tableCell ?? .missing,
                    track.pAdvantage.map { .number($0) } ?? .missing, .integer(track.undefinedSeeds),
                ]
            })
    }
}
