import RealModule
import Statistics

/// One prompt's way from values that order every pair right to values that order ever fewer so, swap by swap.
///
/// Each swap exchanges the values of two responses of the same reference probability that were ordered right, so accuracy never
/// rises along the way. The way depends on the stream alone, not on where it is left: a lower accuracy goes on from a higher one.
struct PlantedPath {
    /// Accuracy after each number of swaps; 1 at first. Empty where no pair differs in gold.
    private(set) var accuracies: [Double]

    private let gold: [Double]
    /// Probabilities under the reference, as specified.
    private let weights: [Double]
    /// Responses of the same probability; classes whose gold does not vary are left out, since a swap changes nothing there.
    private let classes: [[Int]]
    /// Total weight of the pairs that differ in gold.
    private let pairWeight: Double
    private var swaps: [(Int, Int)] = []
    private var values: [Double]
    /// The weight of pairs ordered right, ties by half.
    private var rightWeight: Double
    private var stream: RandomStream
    private var isAtEnd = false

    init(gold: [Double], logProbabilities: [Double], stream: RandomStream) {
        self.gold = gold
        weights = logProbabilities.map { Double.exp($0) }
        classes = Self.classes(of: logProbabilities).filter { places in places.contains { gold[$0] != gold[places[0]] }
        }
        pairWeight = Self.weightOfDifferingPairs(gold: gold, weights: weights)
        values = gold
        rightWeight = pairWeight
        accuracies = pairWeight > 0 ? [1] : []
        self.stream = stream
    }

    /// Whether the accuracy is defined: some pair of positive weight differs in gold.
    var isDefined: Bool { pairWeight > 0 }

    /// The values after a number of swaps.
    func values(after count: Int) -> [Double] {
        var values = gold
        for (left, right) in swaps.prefix(count) { values.swapAt(left, right) }
        return values
    }

    /// Goes on until the accuracy lies below a target, and so many swaps beyond, or until every pair of a class is reversed.
    mutating func extend(below target: Double, beyond: Int) {
        var left = beyond
        while isDefined, !isAtEnd, left > 0 {
            if let last = accuracies.last, last < target { left -= 1 }
            step()
        }
    }

    private mutating func step() {
        guard let (left, right) = nextPair() else {
            isAtEnd = true
            return
        }
        rightWeight += change(bySwapping: left, right)
        values.swapAt(left, right)
        swaps.append((left, right))
        accuracies.append(rightWeight / pairWeight)
    }

    /// A pair of one class that is ordered right, each equally likely where a few random tries find one; else from the list of all.
    private mutating func nextPair() -> (Int, Int)? {
        guard !classes.isEmpty else { return nil }
        for _ in 0..<32 {
            let places = classes[stream.index(weights: classes.map { Double($0.count * ($0.count - 1)) })]
            let first = stream.below(places.count)
            let second = (first + 1 + stream.below(places.count - 1)) % places.count
            if isRight(places[first], places[second]) { return (places[first], places[second]) }
        }
        let all = classes.flatMap { places in
            places.indices.flatMap { first in
                places[..<first].filter { isRight($0, places[first]) }.map { ($0, places[first]) }
            }
        }
        return all.isEmpty ? nil : all[stream.below(all.count)]
    }

    /// Whether both gold and values differ, and in the same direction.
    private func isRight(_ left: Int, _ right: Int) -> Bool {
        (gold[left] - gold[right]) * (values[left] - values[right]) > 0
    }

    private func change(bySwapping left: Int, _ right: Int) -> Double {
        let (low, high) = (values[left], values[right])
        var change = weights[left] * weights[right] * (credit(left, high, right, low) - credit(left, low, right, high))
        for other in values.indices where other != left && other != right {
            let value = values[other]
            let atLeft = credit(left, high, other, value) - credit(left, low, other, value)
            let atRight = credit(right, low, other, value) - credit(right, high, other, value)
            change += weights[other] * (weights[left] * atLeft + weights[right] * atRight)
        }
        return change
    }

    /// 1 where the values order the pair as gold does, ½ where they tie, 0 otherwise, and where gold does not differ.
    private func credit(_ first: Int, _ firstValue: Double, _ second: Int, _ secondValue: Double) -> Double {
        let difference = gold[first] - gold[second]
        guard difference != 0 else { return 0 }
        if firstValue == secondValue { return 0.5 }
        return (difference > 0) == (firstValue > secondValue) ? 1 : 0
    }

    /// Places of equal probability, to within 1e-9 in its logarithm.
    private static func classes(of logProbabilities: [Double]) -> [[Int]] {
        var classes: [[Int]] = []
        var last = -Double.infinity
        let order = logProbabilities.indices.sorted { (logProbabilities[$0], $0) < (logProbabilities[$1], $1) }
        for place in order {
            if classes.isEmpty || logProbabilities[place] - last > 1e-9 { classes.append([]) }
            classes[classes.count - 1].append(place)
            last = logProbabilities[place]
        }
        return classes
    }

    private static func weightOfDifferingPairs(gold: [Double], weights: [Double]) -> Double {
        var byGold: [Double: Double] = [:]
        for (gold, weight) in zip(gold, weights) { byGold[gold, default: 0] += weight }
        // Over the levels in order, so that the sum does not depend on a dictionary's.
        var (before, total) = (0.0, 0.0)
        for level in byGold.keys.sorted() {
            let weight = byGold[level] ?? 0
            total += before * weight
            before += weight
        }
        return total
    }
}
