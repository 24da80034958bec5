import Diagnostics
import Statistics

/// When a series broke, found from signals that need no gold, and held against when it did by gold.
///
/// Each seed's series is searched for a single change (``changePoint(_:at:model:replicates:stream:)``). A signal *finds* the break
/// of a seed where its own change has p ≤ α; its lag is then the step it names less the step that the correlation with gold
/// names, over the seeds where both are found.
public struct BreakDetection: Sendable, Hashable {
    /// One seed's search.
    public struct Break: Sendable, Hashable {
        /// `nil` where no change was found at α.
        public var step: Double?
        /// `nil` where the series was too short (fewer than 10 readings).
        public var change: ChangePoint?
        /// The last step at which there was anything to read; `nil` where there never was.
        public var lastRead: Double?

        public init(step: Double?, change: ChangePoint?, lastRead: Double?) {
            (self.step, self.change, self.lastRead) = (step, change, lastRead)
        }

        /// Whether a change was found, and downwards.
        public var falls: Bool { step != nil && (change?.change ?? 0) < 0 }
    }

    /// One signal over all seeds.
    public struct Track: Sendable, Hashable {
        public var name: String
        public var breaks: [Break]
        /// How far behind (above 0) or ahead of the truth it names the step, over seeds where both were found; `nil` for none.
        public var lag: Estimate?
        /// Seeds where the truth broke and the signal too.
        public var foundBoth: Int
        /// Seeds where the truth broke and the signal named nothing.
        public var missed: Int
        /// Seeds where the signal named a step and the truth did not break.
        public var falseAlarms: Int
    }

    /// The series that knows gold, such as the reward-gold correlation.
    public let truth: [Break]
    public let tracks: [Track]
    public let rule: VerdictRule

    /// - Parameters:
    ///   - steps: where readings were taken, ascending, the same for all.
    ///   - truth: [seed][reading]; `nil` where it could not be read.
    ///   - signals: names and [seed][reading].
    ///   - model: what a break looks like.
    /// - Throws: `badData` for series whose seeds or readings differ in number.
    public init(
        steps: [Double], truth: [[Double?]], signals: [(name: String, values: [[Double?]])], model: ChangeModel,
        rule: VerdictRule, replicates: Int = 999, stream: RandomStream
    ) throws(Diagnostic) {
        let search = BreakSearch(steps: steps, model: model, rule: rule, replicates: replicates, stream: stream)
        self.rule = rule
        self.truth = try search.breaks(truth, "truth")
        var tracks: [Track] = []
        for signal in signals {
            guard signal.values.count == truth.count else {
                throw Diagnostic(.badData, "'\(signal.name)' has not the truth's seeds", at: .init(field: signal.name))
            }
            let breaks = try search.breaks(signal.values, signal.name)
            tracks.append(try Self.track(signal.name, breaks, self.truth, level: rule.level))
        }
        self.tracks = tracks
    }

    private static func track(
        _ name: String, _ breaks: [Break], _ truth: [Break], level: Double
    ) throws(Diagnostic) -> Track {
        let lags = zip(breaks, truth).compactMap { own, truth in
            own.step.flatMap { own in truth.step.map { own - $0 } }
        }
        let pairs = zip(breaks, truth).map { (own: $0.step != nil, truth: $1.step != nil) }
        return Track(
            name: name, breaks: breaks, lag: lags.isEmpty ? nil : try studentMean(lags, level: level),
            foundBoth: lags.count, missed: pairs.count { $0.truth && !$0.own },
            falseAlarms: pairs.count { $0.own && !$0.truth })
    }
}

private struct BreakSearch {
    let steps: [Double]
    let model: ChangeModel
    let rule: VerdictRule
    let replicates: Int
    let stream: RandomStream

    func breaks(_ series: [[Double?]], _ name: String) throws(Diagnostic) -> [BreakDetection.Break] {
        var breaks: [BreakDetection.Break] = []
        for (seed, values) in series.enumerated() {
            guard values.count == steps.count else {
                throw Diagnostic(
                    .badData, "there are \(values.count) readings at \(steps.count) steps",
                    at: .init(field: "\(name)[\(seed)]"))
            }
            breaks.append(try search(values))
        }
        return breaks
    }

    /// Readings that are missing are left out with their steps.
    private func search(_ values: [Double?]) throws(Diagnostic) -> BreakDetection.Break {
        let read = zip(steps, values).compactMap { step, value in value.map { (step, $0) } }
        guard read.count >= 10 else { return BreakDetection.Break(step: nil, change: nil, lastRead: read.last?.0) }
        let change = try changePoint(
            read.map(\.1), at: read.map(\.0), model: model, replicates: replicates, stream: stream)
        let isFound = change.test.pValue <= rule.alpha
        return BreakDetection.Break(
            step: isFound ? read[change.index].0 : nil, change: change, lastRead: read.last?.0)
    }
}
