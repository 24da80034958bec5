import Diagnostics

/// Checked values with clusters and weights, and what the cluster-robust interval needs of them.
struct ClusteredSample {
    let index: ClusterIndex
    let mean: Double
    let level: Double
    private let count: Int
    private let isWeighted: Bool
    private let totalWeight: Double
    /// s_g = Σ_{i in g} w(x − θ).
    private let scores: [Double]
    /// The size of a score that rounding alone can make.
    private let noise: Double

    init(_ values: [Double], clusters: [Int], weights: [Double]?, level: Double) throws(Diagnostic) {
        try Requirement.level(level)
        try Requirement.count(values, atLeast: 1, "values")
        try Requirement.finite(values, "values")
        try Requirement.sameCount(values.count, clusters.count, "values and clusters")
        let weights = try ClusteredSample.checked(weights, count: values.count)
        isWeighted = weights != nil
        let weight = weights ?? [Double](repeating: 1, count: values.count)
        let total = weight.reduce(0, +)
        let mean = zip(weight, values).reduce(0) { $0 + $1.0 * $1.1 } / total
        index = ClusterIndex(clusters)
        scores = index.sums(zip(weight, values).map { $0 * ($1 - mean) })
        let largest = values.reduce(0) { max($0, $1.magnitude) }
        noise = 8 * Double.ulpOfOne * largest * total
        self.mean = mean
        self.level = level
        count = values.count
        totalWeight = total
    }

    private static func checked(_ weights: [Double]?, count: Int) throws(Diagnostic) -> [Double]? {
        guard let weights else { return nil }
        try Requirement.sameCount(count, weights.count, "values and weights")
        try Requirement.finite(weights, "weights")
        try Requirement.that(weights.allSatisfy { $0 >= 0 }, "a weight is negative", field: "weights")
        try Requirement.that(weights.contains { $0 > 0 }, "all weights are 0", field: "weights")
        return weights
    }

    func estimate(range: ClosedRange<Double>?) throws(Diagnostic) -> Estimate {
        let clusters = index.count
        guard clusters > 1 else {
            let method = "one cluster: its spread is unknown, no interval"
            return result(nil, .unbounded(level: level, method: method).clipped(to: range))
        }
        guard scores.contains(where: { $0.magnitude > noise }) else { return try withoutVariation(range) }
        let sum = scores.reduce(0) { $0 + $1 * $1 }
        let factor = Double(clusters) / Double(clusters - 1)
        let error = (factor * sum).squareRoot() / totalWeight
        let t = -StudentTDistribution(degreesOfFreedom: Double(clusters - 1)).quantile((1 - level) / 2)
        let interval = Interval(
            lower: mean - t * error, upper: mean + t * error, level: level, method: methodName, validity: .fixedN)
        return result(error, interval.clipped(to: range))
    }

    private var methodName: String {
        let isPlain = index.hasOneValueEach && !isWeighted
        return "\(isPlain ? "Student t" : "cluster-robust t"), df \(index.count - 1)"
    }

    /// If a share ε of clusters differed, all G would agree with probability (1 − ε)^G; the mean then lies within ε of the
    /// way from what was seen to either end of the range.
    private func withoutVariation(_ range: ClosedRange<Double>?) throws(Diagnostic) -> Estimate {
        guard let range, range.contains(mean), range.lowerBound.isFinite, range.upperBound.isFinite else {
            return result(nil, .unbounded(level: level, method: "no variation between clusters: no interval"))
        }
        let share = try clopperPearson(successes: 0, n: index.count, level: level).interval.upper
        let interval = Interval(
            lower: mean - share * (mean - range.lowerBound), upper: mean + share * (range.upperBound - mean),
            level: level, method: "no variation between clusters: Clopper-Pearson bound over the range",
            validity: .fixedN)
        return result(nil, interval)
    }

    private func result(_ error: Double?, _ interval: Interval) -> Estimate {
        Estimate(point: mean, standardError: error, interval: interval, n: count, clusters: index.count)
    }
}
