import Diagnostics
import Statistics

/// Σ weight · mean of a part, as a function of how often each cluster was drawn.
///
/// Sections of a composite keep their weights in every resample; only what their means are made of varies.
struct WeightedMeans {
    private struct Entry {
        var cluster: Int
        var part: Int
        var sum = 0.0
        var count = 0
    }

    private let entries: [Entry]
    private let weights: [Double]
    /// How many clusters the parts have together.
    let clusterCount: Int
    /// Clusters that appear in the same parts make a stratum, so that no part is empty in a resample.
    let strata: [Int]
    /// Values that the sum cannot leave.
    let range: ClosedRange<Double>

    init(_ parts: [WeightedOutcomes]) {
        weights = parts.map(\.weight)
        var places: [Int: Int] = [:]
        var entries: [Entry] = []
        for (part, outcomes) in parts.enumerated() {
            entries += Self.entries(outcomes, part: part, places: &places)
        }
        self.entries = entries
        clusterCount = places.count
        strata = Self.strata(entries, clusterCount: places.count)
        range = Self.range(parts)
    }

    private static func entries(_ outcomes: WeightedOutcomes, part: Int, places: inout [Int: Int]) -> [Entry] {
        var found: [Entry] = []
        var index: [Int: Int] = [:]
        for (value, label) in zip(outcomes.values, outcomes.clusters) {
            let cluster = places[label] ?? places.count
            places[label] = cluster
            let place = index[cluster] ?? found.count
            if place == found.count {
                index[cluster] = place
                found.append(Entry(cluster: cluster, part: part))
            }
            found[place].sum += value
            found[place].count += 1
        }
        return found
    }

    private static func strata(_ entries: [Entry], clusterCount: Int) -> [Int] {
        var signatures = [[Int]](repeating: [], count: clusterCount)
        for entry in entries { signatures[entry.cluster].append(entry.part) }
        var known: [[Int]: Int] = [:]
        return signatures.map { signature in
            let stratum = known[signature] ?? known.count
            known[signature] = stratum
            return stratum
        }
    }

    private static func range(_ parts: [WeightedOutcomes]) -> ClosedRange<Double> {
        let lower = parts.reduce(0) { $0 + $1.weight * $1.range.lowerBound }
        let upper = parts.reduce(0) { $0 + $1.weight * $1.range.upperBound }
        return lower...upper
    }

    /// The sum where cluster c counts `multiplicities[c]` times; NaN where a part is empty.
    func callAsFunction(_ multiplicities: [Int]) -> Double {
        var sums = [Double](repeating: 0, count: weights.count)
        var counts = [Int](repeating: 0, count: weights.count)
        for entry in entries {
            let times = multiplicities[entry.cluster]
            sums[entry.part] += Double(times) * entry.sum
            counts[entry.part] += times * entry.count
        }
        var total = 0.0
        for part in weights.indices { total += weights[part] * sums[part] / Double(counts[part]) }
        return total
    }

    /// What each cluster contributes to the sum; the contributions add up to it.
    var contributions: [Double] {
        var counts = [Int](repeating: 0, count: weights.count)
        for entry in entries { counts[entry.part] += entry.count }
        var shares = [Double](repeating: 0, count: clusterCount)
        for entry in entries { shares[entry.cluster] += weights[entry.part] * entry.sum / Double(counts[entry.part]) }
        return shares
    }

    /// Each cluster's plain total, for a single part: whole numbers where outcomes are, which a test can use exactly.
    var totals: [Double] {
        var totals = [Double](repeating: 0, count: clusterCount)
        for entry in entries { totals[entry.cluster] += entry.sum }
        return totals
    }

    /// The sum with an interval from a bootstrap over clusters.
    func bootstrap(_ options: EvaluationOptions, stream: RandomStream) throws(Diagnostic) -> Estimate {
        try clusterBootstrap(
            clusters: clusterCount, strata: strata, replicates: options.replicates, level: options.level, range: range,
            stream: stream
        ) { (multiplicities) throws(Diagnostic) in self(multiplicities) }
    }
}
