import Diagnostics
import Experiment

/// A reward's checked scores of a suite, and the outcomes that its metrics are made of.
struct ScoreSheet {
    let suite: LoadedSuite
    let ties: TiePolicy
    private let scores: [[Double]]
    /// Whether any of an item's responses was cut.
    private let isTruncated: [Bool]

    /// - Throws: `badData` where scores are missing, of another row, too few for a row, or NaN.
    init(_ suite: LoadedSuite, _ scores: [GroupScore], ties: TiePolicy?) throws(Diagnostic) {
        guard scores.count == suite.items.count else {
            throw Diagnostic(
                .badData, "there are \(scores.count) rows of scores for \(suite.items.count) rows of \(suite.name)",
                remedy: "Score the suite's own rows, all of them and in their order")
        }
        for (item, score) in zip(suite.items, scores) { try Self.check(item, score) }
        self.suite = suite
        self.ties = ties ?? suite.defaultTies
        self.scores = scores.map(\.scores)
        isTruncated = scores.map { $0.truncated.contains(true) }
    }

    private static func check(_ item: SuiteItem, _ score: GroupScore) throws(Diagnostic) {
        let place = Diagnostic.Location(
            file: item.group.source?.file, line: item.group.source?.line, field: "scores of '\(item.group.id)'")
        guard score.id == item.group.id else {
            throw Diagnostic(
                .badData, "the scores are those of the row '\(score.id)'", at: place,
                remedy: "Give the scores in the suite's order")
        }
        guard score.scores.count == item.group.responses.count else {
            throw Diagnostic(
                .badData, "there are \(score.scores.count) scores for \(item.group.responses.count) responses",
                at: place,
                remedy: "Give one score a response")
        }
        if let index = score.scores.firstIndex(where: \.isNaN) {
            throw Diagnostic(
                .badData, "the score of response \(index) is NaN", at: place,
                remedy: "Check the reward on this row: a missing score is not a low one")
        }
    }

    /// The places of items that a metric rests on, each once.
    func items(of metric: Metric) -> [Int] {
        switch metric.quantity {
        case .means(let parts): Array(Set(parts.flatMap(\.units).joined())).sorted()
        case .normalizedMargin(let items, _): items
        }
    }

    func countTruncated(_ items: [Int]) -> Int { items.count { isTruncated[$0] } }

    /// The outcomes of a part; of units in which a response was cut only on demand.
    func outcomes(_ part: Metric.Part, onlyUntruncated: Bool) throws(Diagnostic) -> WeightedOutcomes {
        var found = WeightedOutcomes(weight: part.weight, range: part.measure.range)
        for unit in part.units where !onlyUntruncated || !unit.contains(where: { isTruncated[$0] }) {
            let outcomes = try part.measure.outcomes(
                unit.map { suite.items[$0] }, unit.map { scores[$0] }, ties: ties)
            found.append(outcomes, of: unit, cluster: suite.clusters[unit[0]])
        }
        return found
    }

    /// The pairs of a margin metric: rewards of the chosen and the rejected response.
    ///
    /// - Throws: `badData` where a score is infinite, for which there is no margin.
    func pairs(_ items: [Int], onlyUntruncated: Bool) throws(Diagnostic) -> [MarginPair] {
        var pairs: [MarginPair] = []
        for item in items where !onlyUntruncated || !isTruncated[item] {
            let comparison = suite.items[item].comparisons[0]
            let pair = MarginPair(
                chosen: scores[item][comparison.preferred], rejected: scores[item][comparison.other],
                cluster: suite.clusters[item])
            guard pair.chosen.isFinite, pair.rejected.isFinite else {
                throw Diagnostic(
                    .badData, "a margin cannot be computed from an infinite score",
                    at: .init(file: suite.items[item].group.source?.file, line: suite.items[item].group.source?.line),
                    remedy: "Use a reward with finite scores")
            }
            pairs.append(pair)
        }
        return pairs
    }
}

/// Outcomes of one part with their clusters and the part's weight.
struct WeightedOutcomes {
    var weight: Double
    /// Values that an outcome cannot leave.
    var range: ClosedRange<Double>
    private(set) var values: [Double] = []
    private(set) var clusters: [Int] = []
    private(set) var ties = 0
    /// How many outcomes rest on each item.
    private(set) var countOfItem: [Int: Int] = [:]

    init(weight: Double, range: ClosedRange<Double>) {
        self.weight = weight
        self.range = range
    }

    /// - Parameter unit: the items that the outcomes rest on.
    mutating func append(_ outcomes: [Outcome], of unit: [Int], cluster: Int) {
        if !outcomes.isEmpty { for item in unit { countOfItem[item, default: 0] += outcomes.count } }
        for outcome in outcomes {
            values.append(outcome.value)
            clusters.append(cluster)
            if outcome.isTie { ties += 1 }
        }
    }

    /// These outcomes less those of another reward on the same units.
    func subtracting(_ first: WeightedOutcomes) -> WeightedOutcomes {
        var difference = self
        difference.values = zip(values, first.values).map { $0 - $1 }
        let width = range.upperBound - range.lowerBound
        difference.range = -width...width
        return difference
    }
}

extension [WeightedOutcomes] {
    /// The distinct outcomes of a composite: an item on which several parts rest counts as often as in the one that has
    /// most of it, not once for each part.
    var distinctCount: Int {
        var counts: [Int: Int] = [:]
        for part in self { counts.merge(part.countOfItem, uniquingKeysWith: Swift.max) }
        return counts.values.reduce(0, +)
    }
}
