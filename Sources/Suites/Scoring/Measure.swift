import Diagnostics
import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What is measured of one unit: an item, or two that belong together.
enum Measure: Sendable, Hashable {
    /// Each comparison of the item: does the preferred response score higher?
    case preference(Comparison.Difficulty?)
    /// Does the first response score higher than all others?
    case pick
    /// The expected ground truth of the response that the reward picks from k of the item's responses.
    case expectedPick(k: Int)
    /// Credit of the first item less credit of the second (an original pair and its shifted form).
    case drop
    /// Do all correct responses score higher than all incorrect ones?
    case separation
    /// Unit (reference, tied). Is the tied prompt's margin greater than the spread of its correct responses?
    case marginBeatsSpread
    /// Unit (reference, tied). Is the smaller of both margins greater than that spread?
    case smallerMarginBeatsSpread
    /// Unit (reference, tied). tanh(smaller margin / spread − 1).
    case marginRatio
}

extension Measure {
    /// Values that an outcome cannot leave.
    var range: ClosedRange<Double> {
        switch self {
        case .drop, .marginRatio: -1...1
        default: 0...1
        }
    }
}

/// What one comparison, prompt or pick contributes to a mean.
struct Outcome {
    var value: Double
    var isTie = false
}

extension Measure {
    /// The outcomes of a unit.
    ///
    /// - Parameter scores: each item's scores, parallel to `items`.
    /// - Throws: `badData` where the suite's ground truth or k does not fit the scores.
    func outcomes(_ items: [SuiteItem], _ scores: [[Double]], ties: TiePolicy) throws(Diagnostic) -> [Outcome] {
        switch self {
        case .preference(let difficulty):
            let chosen = items[0].comparisons.filter { difficulty == nil || $0.difficulty == difficulty }
            return chosen.map { Self.preference($0, scores[0], ties) }
        case .pick: return [Self.pick(scores[0], ties)]
        case .expectedPick(let k):
            return [Outcome(value: try unbiasedBestOfN(rewards: scores[0], golds: items[0].golds, n: k))]
        case .drop: return [Self.drop(items, scores, ties)]
        case .separation: return [Self.separation(items[0], scores[0], ties)]
        case .marginBeatsSpread, .smallerMarginBeatsSpread, .marginRatio:
            return [Outcome(value: tiedValue(Separation(items[0], scores[0]), Separation(items[1], scores[1])))]
        }
    }

    private static func preference(_ comparison: Comparison, _ scores: [Double], _ ties: TiePolicy) -> Outcome {
        let (preferred, other) = (scores[comparison.preferred], scores[comparison.other])
        return Outcome(value: ties.credit(preferred: preferred, other: other), isTie: preferred == other)
    }

    private static func pick(_ scores: [Double], _ ties: TiePolicy) -> Outcome {
        let best = scores.max() ?? 0
        let isTie = scores.first == best && scores.dropFirst().contains(best)
        return Outcome(value: ties.credit(firstOf: scores), isTie: isTie)
    }

    private static func drop(_ items: [SuiteItem], _ scores: [[Double]], _ ties: TiePolicy) -> Outcome {
        let pair = zip(items, scores).map { preference($0.comparisons[0], $1, ties) }
        return Outcome(value: pair[0].value - pair[1].value, isTie: pair[0].isTie || pair[1].isTie)
    }

    /// The source counts a tie here as a failure even where it shares picks, so `share` is strict.
    private static func separation(_ item: SuiteItem, _ scores: [Double], _ ties: TiePolicy) -> Outcome {
        let margin = Separation(item, scores).margin
        let credit = margin > 0 ? 1 : (margin == 0 && ties == .half ? 0.5 : 0)
        return Outcome(value: credit, isTie: margin == 0)
    }

    private func tiedValue(_ reference: Separation, _ tied: Separation) -> Double {
        let smaller = min(reference.margin, tied.margin)
        switch self {
        case .marginBeatsSpread: return tied.margin > tied.spread ? 1 : 0
        case .smallerMarginBeatsSpread: return smaller > tied.spread ? 1 : 0
        default:
            let ratio = smaller / tied.spread
            return ratio.isNaN ? 0 : tanh(ratio - 1)
        }
    }
}

/// How a prompt's correct responses stand to its incorrect ones.
private struct Separation {
    /// Worst correct less best incorrect.
    var margin: Double
    /// Best correct less worst correct. Never −0, so that a margin over it has the margin's sign.
    var spread: Double

    init(_ item: SuiteItem, _ scores: [Double]) {
        let correct = scores[..<item.correctCount]
        let worst = correct.reduce(.infinity, min)
        let best = correct.reduce(-.infinity, max)
        margin = worst - scores[item.correctCount...].reduce(-.infinity, max)
        spread = abs(best - worst)
    }
}
