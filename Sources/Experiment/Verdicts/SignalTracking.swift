import Diagnostics
import Statistics

/// Which signal, read early in a run, ranks the levels of a factor as their final outcome does.
///
/// For each seed Spearman's correlation over levels between signal and outcome, in the direction that was declared before the
/// run; then the seed is the unit: t interval, and one-sided max-t with sign flips over all signals. Correlations are not
/// transformed (Fisher's z is infinite at ±1, which few levels reach often). The same again of the paired differences to
/// static accuracy: that is the question whether reading inside the run was worth it.
public struct SignalTracking: Sendable, Hashable {
    /// A signal and the direction in which it should go with the outcome. A signal of unknown direction is listed twice.
    public struct Signal: Sendable, Hashable {
        public enum Direction: String, Sendable, Hashable, CaseIterable {
            case rises, falls
        }
        public var name: String
        public var direction: Direction
        /// [seed][level]; `nil` where it could not be read.
        public var values: [[Double?]]

        public init(_ name: String, _ direction: Direction = .rises, values: [[Double?]]) {
            self.name = name
            self.direction = direction
            self.values = values
        }
    }

    /// One signal's result.
    public struct Track: Sendable, Hashable {
        public var name: String
        public var direction: Signal.Direction
        /// For each seed; `nil` where it is undefined: a signal or an outcome that does not vary, or fewer than three levels.
        public var correlations: [Double?]
        /// Over the seeds where it is defined, with a t interval; `nil` where there are none.
        public var mean: Estimate?
        /// Of no correlation in its direction, adjusted over signals; `nil` where a seed is undefined, which leaves the signal
        /// out of the family.
        public var pValue: Double?
        /// Its correlation less that of static accuracy, paired by seed.
        public var advantage: Estimate?
        /// Of no advantage, adjusted over signals.
        public var pAdvantage: Double?
        public var undefinedSeeds: Int { correlations.count { $0 == nil } }
    }

    /// Static accuracy first, then the signals in order.
    public let tracks: [Track]
    /// The places of the levels that were looked at.
    public let levels: [Int]
    public let rule: VerdictRule

    /// - Parameters:
    ///   - outcomes: [seed][level].
    ///   - accuracy: static accuracy, the signal to beat; rises.
    ///   - signals: the list fixed before the run, the same seeds and levels.
    ///   - topShare: look only at this share of the levels, those of the highest mean accuracy (at least three): a restricted range is
    ///     where benchmarks fail; 1 for all.
    ///   - stream: for flips beyond 16 seeds.
    /// - Throws: `badData` for no seeds, fewer than three levels, ragged input, or a value that is not finite.
    public init(
        outcomes: [[Double]], accuracy: [[Double]], signals: [Signal], topShare: Double = 1, rule: VerdictRule,
        stream: RandomStream
    ) throws(Diagnostic) {
        try Self.check(outcomes, accuracy, signals)
        let levels = Self.topLevels(accuracy, share: topShare)
        let all = [Signal("static accuracy", values: accuracy.map { $0.map { $0 } })] + signals
        var tracks: [Track] = []
        for signal in all { tracks.append(try Self.track(signal, outcomes, levels, rule)) }
        for (index, p) in try Self.adjusted(tracks.map(\.correlations), stream).enumerated() {
            tracks[index].pValue = p
        }
        let advantages = tracks.dropFirst().map { Self.paired($0.correlations, tracks[0].correlations) }
        let adjusted = try Self.adjusted(advantages, stream)
        for (index, advantage) in advantages.enumerated() {
            tracks[index + 1].advantage = try Self.mean(advantage, rule, range: -2...2)
            tracks[index + 1].pAdvantage = adjusted[index]
        }
        self.tracks = tracks
        self.levels = levels
        self.rule = rule
    }
}

extension SignalTracking {
    private static func check(
        _ outcomes: [[Double]], _ accuracy: [[Double]], _ signals: [Signal]
    ) throws(Diagnostic) {
        let shape = outcomes.map(\.count)
        guard let levels = shape.first, levels >= 3, shape.allSatisfy({ $0 == levels }) else {
            throw Diagnostic(
                .badData, "tracking needs seeds with the same three levels or more", at: .init(field: "outcomes"))
        }
        guard accuracy.map(\.count) == shape, signals.allSatisfy({ $0.values.map(\.count) == shape }) else {
            throw Diagnostic(
                .badData, "accuracy and signals need the seeds and levels of the outcomes", at: .init(field: "signals"))
        }
    }

    /// The levels of the highest mean accuracy, in their own order.
    private static func topLevels(_ accuracy: [[Double]], share: Double) -> [Int] {
        let means = accuracy[0].indices.map { level in accuracy.reduce(0) { $0 + $1[level] } }
        let wanted = (Double(means.count) * share).rounded(.up)
        let count = min(means.count, max(3, Int(wanted.isFinite ? wanted : 0)))
        return means.indices.sorted { (means[$0], $0) > (means[$1], $1) }.prefix(count).sorted()
    }

    private static func track(
        _ signal: Signal, _ outcomes: [[Double]], _ levels: [Int], _ rule: VerdictRule
    ) throws(Diagnostic) -> Track {
        var correlations: [Double?] = []
        for (values, outcome) in zip(signal.values, outcomes) {
            let pairs = levels.compactMap { level in values[level].map { ($0, outcome[level]) } }
            let rho = try correlation(pairs.map(\.0), pairs.map(\.1))
            correlations.append(signal.direction == .rises ? rho : rho.map { 0 - $0 })
        }
        return Track(
            name: signal.name, direction: signal.direction, correlations: correlations,
            mean: try mean(correlations, rule, range: -1...1))
    }

    /// `nil` where it is undefined, which is not 0.
    private static func correlation(_ signal: [Double], _ outcome: [Double]) throws(Diagnostic) -> Double? {
        guard signal.count >= 3 else { return nil }
        let varies = [signal, outcome].allSatisfy { side in side.contains { $0 != side[0] } }
        return varies ? try spearmanCorrelation(signal, outcome) : nil
    }

    private static func mean(
        _ values: [Double?], _ rule: VerdictRule, range: ClosedRange<Double>
    ) throws(Diagnostic) -> Estimate? {
        let defined = values.compactMap { $0 }
        return defined.isEmpty ? nil : try studentMean(defined, level: rule.level, range: range)
    }

    private static func paired(_ first: [Double?], _ second: [Double?]) -> [Double?] {
        zip(first, second).map { one, other in one.flatMap { one in other.map { one - $0 } } }
    }

    /// One-sided max-t over the columns that are defined for every seed; `nil` for the others.
    private static func adjusted(_ columns: [[Double?]], _ stream: RandomStream) throws(Diagnostic) -> [Double?] {
        let complete = columns.indices.filter { columns[$0].count > 1 && !columns[$0].contains(nil) }
        var adjusted = [Double?](repeating: nil, count: columns.count)
        guard let seeds = complete.first.map({ columns[$0].count }) else { return adjusted }
        let rows = (0..<seeds).map { seed in complete.compactMap { columns[$0][seed] } }
        let result = try maxTSignFlip(rows, stream: stream)
        for (place, column) in complete.enumerated() { adjusted[column] = result.adjustedPValues[place] }
        return adjusted
    }
}
