import Diagnostics
import Experiment
import Statistics

/// How often a signal is said to track an outcome of which it knows nothing.
struct TrackingChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    private static let meters = [
        "exact.kl", "exact.entropy", "exact.reward", "reward.within-group-std", "reward.std", "responses.distinct",
        "gradient.norm",
    ]
    private static let early = 12

    /// [meter][seed][level], read at a fifth of training.
    private func signals() throws(Diagnostic) -> [[[Double]]] {
        var signals: [[[Double]]] = []
        for meter in Self.meters {
            var columns: [[Double]] = []
            for arm in TruenessBank.Arm.levels { columns.append(try bank.values(arm, meter, at: Self.early)) }
            signals.append(SeedPopulation(columns: columns).rows)
        }
        return signals
    }

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Which signal tracks: false alarms",
            prose: """
                Outcomes are the bank's gold at 5 accuracies, signals its meters at step \(Self.early), 8 seeds. A signal that knows \
                nothing is a real one with the levels of each seed put in random order; one that is no better than static \
                accuracy is one of two real signals, the other taking the place of static accuracy, by lot for each seed.
                """)
        let outcomes = try OptimumChecks.population(bank).rows
        let signals = try signals()
        let rule = try Experiment.VerdictRule(.signalTracking, outcome: "gold", margin: 0.1)
        let accuracy = (0..<8).map { _ in (0..<5).map { Double($0) } }
        for knows in [false, true] {
            table.rows.append(
                try await replication.rate(
                    "any of \(signals.count) signals that know nothing 'tracks'"
                        + (knows ? ", beside one that does" : ""),
                    .atMost(0.05)
                ) { (stream) throws(Diagnostic) in
                    let seeds = (0..<8).map { _ in stream.below(outcomes.count) }
                    let blind = signals.enumerated().map { index, values in
                        SignalTracking.Signal("s\(index)", values: seeds.map { stream.shuffled(values[$0]).map { $0 } })
                    }
                    let static5 = knows ? accuracy : accuracy.map { stream.shuffled($0) }
                    let found = try SignalTracking(
                        outcomes: seeds.map { outcomes[$0] }, accuracy: static5, signals: blind, rule: rule,
                        stream: stream)
                    return (knows ? found.tracks.dropFirst() : found.tracks[...]).contains {
                        ($0.pValue ?? 1) <= rule.alpha
                    }
                })
        }
        table.rows.append(try await advantage(outcomes, signals, rule))
        table.rows += try await correlations(outcomes, signals, rule)
        table.rows += try await power(outcomes, rule)
        return table
    }

    /// The printed means over seeds of Spearman's correlation, and of its difference to static accuracy's.
    private func correlations(
        _ outcomes: [[Double]], _ signals: [[[Double]]], _ rule: Experiment.VerdictRule
    ) async throws(Diagnostic) -> [TruenessRow] {
        var rows: [TruenessRow] = []
        for (place, other) in [(3, 5), (5, 6), (6, 3)] {
            let whole = try Self.tracking(
                outcomes, signals[other], signals[place], rule, RandomStream(seed: 0, purpose: "whole"))
            guard let truth = whole.tracks[1].mean?.point, let ahead = whole.tracks[1].advantage?.point else {
                continue
            }
            rows += try await replication.rates([
                ("mean Spearman of \(Self.meters[place]), 8 seeds", TruenessRow.fixedN),
                ("its difference to that of \(Self.meters[other]), 8 seeds", TruenessRow.fixedN),
            ]) { (stream) throws(Diagnostic) in
                let seeds = (0..<8).map { _ in stream.below(outcomes.count) }
                let found = try Self.tracking(
                    seeds.map { outcomes[$0] }, seeds.map { signals[other][$0] }, seeds.map { signals[place][$0] },
                    rule,
                    stream)
                return [
                    found.tracks[1].mean?.interval.contains(truth) ?? false,
                    found.tracks[1].advantage?.interval.contains(ahead) ?? false,
                ]
            }
        }
        return rows
    }

    private static func tracking(
        _ outcomes: [[Double]], _ accuracy: [[Double]], _ signal: [[Double]], _ rule: Experiment.VerdictRule,
        _ stream: RandomStream
    ) throws(Diagnostic) -> SignalTracking {
        try SignalTracking(
            outcomes: outcomes, accuracy: accuracy,
            signals: [.init("signal", values: signal.map { $0.map { Optional($0) } })], rule: rule, stream: stream)
    }

    /// A signal that is the outcome and noise, beside static accuracies that are the outcome and more noise.
    private func power(
        _ outcomes: [[Double]], _ rule: Experiment.VerdictRule
    ) async throws(Diagnostic) -> [TruenessRow] {
        let spread = try Moments(SeedPopulation(rows: outcomes).means).standardDeviation ?? 0
        var rows: [TruenessRow] = []
        for noise in [0.5, 1.0, 2.0] {
            rows += try await replication.rates([
                ("power, 'tracks', the outcome with noise of \(noise) sd of the levels, 8 seeds", .reported),
                ("power, 'better', beside an accuracy with noise of 3 sd, noise of \(noise) sd", .reported),
            ]) { (stream) throws(Diagnostic) in
                let drawn = (0..<8).map { _ in outcomes[stream.below(outcomes.count)] }
                func noisy(_ amount: Double) -> [[Double]] {
                    drawn.map { row in row.map { $0 + amount * spread * stream.normal() } }
                }
                let found = try Self.tracking(drawn, noisy(3), noisy(noise), rule, stream)
                return [
                    (found.tracks[1].pValue ?? 1) <= rule.alpha, (found.tracks[1].pAdvantage ?? 1) <= rule.alpha,
                ]
            }
        }
        return rows
    }

    private func advantage(
        _ outcomes: [[Double]], _ signals: [[[Double]]], _ rule: Experiment.VerdictRule
    ) async throws(Diagnostic) -> TruenessRow {
        try await replication.rate("'better than static accuracy' of a signal exactly as good", .atMost(0.05)) {
            (stream) throws(Diagnostic) in
            let seeds = (0..<8).map { _ in stream.below(outcomes.count) }
            // Within-group spread and the number of distinct responses: both noisy, neither the other.
            let pairs = seeds.map { seed in
                let pair = (signals[3][seed], signals[5][seed])
                return stream.below(2) == 0 ? pair : (pair.1, pair.0)
            }
            let found = try SignalTracking(
                outcomes: seeds.map { outcomes[$0] }, accuracy: pairs.map(\.0),
                signals: [.init("signal", values: pairs.map { $0.1.map { $0 } })], rule: rule, stream: stream)
            return (found.tracks[1].pAdvantage ?? 1) <= rule.alpha
        }
    }
}
