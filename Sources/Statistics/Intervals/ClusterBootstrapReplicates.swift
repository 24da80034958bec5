import Diagnostics
import RealModule

/// The replicates of one bootstrap, and the intervals read off them.
struct ClusterBootstrap {
    /// The clusters of each stratum.
    private let members: [[Int]]
    private let clusters: Int
    private let point: Double
    private let level: Double
    /// Sorted, without those in which the statistic was undefined.
    private var replicates: [Double] = []
    private var undefined = 0

    init(clusters: Int, strata: [Int]?, point: Double, level: Double) {
        let index = ClusterIndex(strata ?? [Int](repeating: 0, count: clusters))
        var members = [[Int]](repeating: [], count: index.count)
        for (cluster, stratum) in index.indices.enumerated() { members[stratum].append(cluster) }
        self.members = members
        self.clusters = clusters
        self.point = point
        self.level = level
    }

    mutating func resample(
        _ count: Int, stream: RandomStream, statistic: ([Int]) throws(Diagnostic) -> Double
    ) throws(Diagnostic) {
        var stream = stream
        replicates.reserveCapacity(count)
        for _ in 0..<count {
            let value = try statistic(draw(&stream))
            if value.isFinite { replicates.append(value) } else { undefined += 1 }
        }
        try Requirement.that(
            undefined * 20 <= count, "the statistic is undefined in \(undefined) of \(count) resamples",
            field: "statistic")
        replicates.sort()
    }

    private func draw(_ stream: inout RandomStream) -> [Int] {
        var multiplicities = [Int](repeating: 0, count: clusters)
        for stratum in members {
            for _ in stratum { multiplicities[stratum[stream.below(stratum.count)]] += 1 }
        }
        return multiplicities
    }

    func estimate(
        kind: BootstrapInterval, range: ClosedRange<Double>?, statistic: ([Int]) throws(Diagnostic) -> Double
    ) throws(Diagnostic) -> Estimate {
        guard let first = replicates.first, let last = replicates.last,
            last - first > 1e-12 * max(first.magnitude, last.magnitude)
        else {
            let name = "bootstrap\(details): the statistic does not vary, no interval"
            return result(nil, Interval.unbounded(level: level, method: name).clipped(to: range))
        }
        let (kind, shares) = try shares(kind, statistic)
        let ends = shares.map { quantile(sorted: replicates, at: $0, definition: .weibull) }
        let interval = Interval(
            lower: ends[0], upper: ends[1], level: level, method: "\(kind) bootstrap\(details)", validity: .fixedN)
        return result(standardDeviation(replicates), interval.clipped(to: range))
    }

    /// The name of the kind that was possible, and the shares of the replicates below its two ends.
    private func shares(
        _ kind: BootstrapInterval, _ statistic: ([Int]) throws(Diagnostic) -> Double
    ) throws(Diagnostic) -> (String, [Double]) {
        let tail = (1 - level) / 2
        guard kind == .bca else { return (kind.rawValue, [tail, 1 - tail]) }
        guard let correction = biasCorrection, let acceleration = try acceleration(statistic) else {
            return ("percentile (BCa undefined)", [tail, 1 - tail])
        }
        let shares = [tail, 1 - tail].map { share in
            let z = correction + NormalDistribution.standardQuantile(share)
            return NormalDistribution().cumulative(correction + z / (1 - acceleration * z))
        }
        return (kind.rawValue, shares)
    }

    /// z₀, unless all replicates lie on one side of the point.
    private var biasCorrection: Double? {
        let below = replicates.count { $0 < point }
        let equal = replicates.count { $0 == point }
        let z = NormalDistribution.standardQuantile((Double(below) + Double(equal) / 2) / Double(replicates.count))
        return z.isFinite ? z : nil
    }

    private func acceleration(_ statistic: ([Int]) throws(Diagnostic) -> Double) throws(Diagnostic) -> Double? {
        var cubes = 0.0
        var squares = 0.0
        var multiplicities = [Int](repeating: 1, count: clusters)
        for stratum in members where stratum.count > 1 {
            var values: [Double] = []
            for cluster in stratum {
                multiplicities[cluster] = 0
                values.append(try statistic(multiplicities))
                multiplicities[cluster] = 1
            }
            let size = Double(stratum.count)
            let mean = values.reduce(0, +) / size
            for value in values {
                let influence = (size - 1) * (mean - value) / size
                squares += influence * influence
                cubes += influence * influence * influence
            }
        }
        let acceleration = cubes / (6 * squares * squares.squareRoot())
        return acceleration.isFinite ? acceleration : nil
    }

    private var details: String {
        let strata = members.count > 1 ? ", \(members.count) strata" : ""
        let missing = undefined > 0 ? ", \(undefined) undefined" : ""
        return ", \(replicates.count + undefined) replicates\(strata)\(missing)"
    }

    private func result(_ error: Double?, _ interval: Interval) -> Estimate {
        Estimate(point: point, standardError: error, interval: interval, n: clusters, clusters: clusters)
    }
}

/// The sample standard deviation (denominator n − 1) of at least two finite values.
func standardDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / Double(values.count - 1)).squareRoot()
}
