import Diagnostics
import Statistics

/// Whether some level of a factor (a reward's accuracy) gives a better outcome than both the lowest and the highest.
///
/// *Interior optimum*: a level in between lies above the top level and above the bottom level, each by a one-sided max-t with
/// sign flips at α over the paired seed differences. The null says that no level exceeds the better end, μ ≤ max(top, bottom)
/// for all. If the top is the better end every rejection against the top is false, else every one against the bottom; so the
/// chance that one level passes both families is at most α, without halving it.
///
/// *None*: every level in between is less than δ above the top, or every one less than δ above the bottom, by one-sided bounds
/// at α/2 for each end. A test that finds nothing is no evidence of absence.
public struct InteriorOptimum: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        case interior = "interior optimum"
        case none = "no interior optimum"
        case cannotTell = "cannot tell"
    }

    /// A level's comparisons with the two ends.
    public struct LevelResult: Sendable, Hashable {
        /// Its place among the levels given.
        public var index: Int
        /// The mean outcome over seeds, with a t interval.
        public var outcome: Estimate
        /// Level − top, with the bound that holds for all levels at once; `nil` for the top itself.
        public var aboveTop: Estimate?
        /// Adjusted for all levels below the top.
        public var pAboveTop: Double?
        /// Level − bottom, with the bound that holds for all levels in between; `nil` for both ends.
        public var aboveBottom: Estimate?
        public var pAboveBottom: Double?
    }

    public let verdict: Verdict
    /// The level of the largest mean among those that pass both tests, else of the largest mean of all.
    public let best: Int
    /// The chance of so large a lead over the top if no level exceeded it, by max-t with sign flips.
    public let test: TestResult
    public let levels: [LevelResult]
    public let seeds: Int
    public let rule: VerdictRule

    /// What the best level gains over the top; `nil` where the best is the top.
    public var gain: Estimate? { levels[best].aboveTop }

    /// - Parameters:
    ///   - outcomes: [seed][level], levels ascending, the last one the top; the same levels for every seed.
    ///   - stream: for flips beyond 16 seeds.
    /// - Throws: `badData` for fewer than two seeds or three levels, rows of unequal length, or a value that is not finite.
    public init(outcomes: [[Double]], rule: VerdictRule, stream: RandomStream) throws(Diagnostic) {
        let count = outcomes.first?.count ?? 0
        guard outcomes.count >= 2, count >= 3, outcomes.allSatisfy({ $0.count == count }) else {
            throw Diagnostic(
                .badData, "an interior optimum needs at least two seeds with the same three levels or more",
                at: .init(field: "outcomes"))
        }
        let comparison = try EndComparison(outcomes, rule: rule, stream: stream)
        seeds = outcomes.count
        self.rule = rule
        levels = comparison.levels
        test = comparison.test
        let passing = levels.filter { level in
            guard let top = level.pAboveTop, let bottom = level.pAboveBottom else { return false }
            return top <= rule.alpha && bottom <= rule.alpha
        }
        best = Self.largest(passing.isEmpty ? levels : passing)
        if !passing.isEmpty {
            verdict = .interior
        } else {
            verdict = try comparison.excludesInterior ? .none : .cannotTell
        }
    }

    private static func largest(_ levels: [LevelResult]) -> Int {
        levels.reduce(levels[0]) { $1.outcome.point > $0.outcome.point ? $1 : $0 }.index
    }
}

/// All levels held against the top, and those in between against the bottom.
private struct EndComparison {
    let levels: [InteriorOptimum.LevelResult]
    let test: TestResult
    private let outcomes: [[Double]]
    private let rule: VerdictRule

    init(_ outcomes: [[Double]], rule: VerdictRule, stream: RandomStream) throws(Diagnostic) {
        self.outcomes = outcomes
        self.rule = rule
        let top = outcomes[0].count - 1
        let againstTop = try maxTSignFlip(
            outcomes.map { row in row[..<top].map { $0 - row[top] } }, level: 1 - rule.alpha, stream: stream)
        let againstBottom = try maxTSignFlip(
            outcomes.map { row in row[1..<top].map { $0 - row[0] } }, level: 1 - rule.alpha, stream: stream)
        var levels: [InteriorOptimum.LevelResult] = []
        for index in 0...top {
            let isInside = (1..<top).contains(index)
            levels.append(
                InteriorOptimum.LevelResult(
                    index: index, outcome: try studentMean(outcomes.map { $0[index] }, level: rule.level),
                    aboveTop: index < top ? againstTop.estimates[index] : nil,
                    pAboveTop: index < top ? againstTop.adjustedPValues[index] : nil,
                    aboveBottom: isInside ? againstBottom.estimates[index - 1] : nil,
                    pAboveBottom: isInside ? againstBottom.adjustedPValues[index - 1] : nil))
        }
        self.levels = levels
        test = againstTop.test
    }

    /// Whether all levels in between lie less than δ above one and the same end.
    var excludesInterior: Bool {
        get throws(Diagnostic) {
            let top = outcomes[0].count - 1
            if try allBelowMargin(end: top) { return true }
            return try allBelowMargin(end: 0)
        }
    }

    private func allBelowMargin(end: Int) throws(Diagnostic) -> Bool {
        var halved = rule
        halved.alpha /= 2
        for level in 1..<(outcomes[0].count - 1) {
            let difference = try SeedMean(outcomes.map { $0[level] - $0[end] }, rule: halved)
            if difference.upper >= rule.margin { return false }
        }
        return true
    }
}

extension InteriorOptimum {
    /// The verdict as a report shows it.
    ///
    /// - Parameter names: what the levels are called, such as their accuracies.
    public func finding(subject: String, names: [String]) -> Finding {
        let name = names.indices.contains(best) ? names[best] : "level \(best + 1)"
        let gain = gain.map { "\(brief($0.point)), at least \(brief($0.interval.lower))" } ?? "none, it is the top"
        return Finding(
            verdict: verdict == .interior ? "interior optimum at \(name)" : verdict.rawValue, subject: subject,
            explanation:
                "Best level \(name); its gain over the top level: \(gain); max-t p = \(brief(test.pValue)) over "
                + "\(levels.count - 1) levels, \(seeds) seeds.",
            tone: verdict == .interior ? .positive : verdict == .none ? .neutral : .open, rule: rule.summary)
    }
}
