import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct ClusterBootstrapTests {
    private func mean(_ values: [Double]) -> ([Int]) -> Double {
        { counts in
            zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(counts.reduce(0, +))
        }
    }

    @Test("Percentile and BCa agree with SciPy's, within the Monte Carlo error of a quantile")
    func againstSciPy() throws {
        for row in try Fixture("bootstrap")["mean"] {
            let values = row.numbers("values")
            let error = row.number("error")
            for kind in [BootstrapInterval.percentile, .bca] {
                let estimate = try clusterBootstrap(
                    clusters: values.count, replicates: 4000, kind: kind,
                    stream: RandomStream(seed: 1, purpose: "bootstrap"), statistic: mean(values))
                let expected = row.numbers(kind.rawValue)
                // A 2.5% quantile of 4,000 replicates has a standard error of about 0.04 of theirs.
                let actual = [estimate.interval.lower, estimate.interval.upper]
                #expect(agree(actual, expected, absolute: 0.16 * error), "\(actual) \(expected)")
                #expect(agree(estimate.standardError!, error, relative: 0.05))
                #expect(estimate.interval.method == "\(kind.rawValue) bootstrap, 4000 replicates")
            }
        }
    }

    @Test("Strata keep their sizes in every resample")
    func strata() throws {
        let strata = [7, 7, 7, 2, 2, 9]
        var sizes: Set<[Int]> = []
        let estimate = try clusterBootstrap(
            clusters: 6, strata: strata, replicates: 200, stream: RandomStream(seed: 2, purpose: "bootstrap")
        ) { counts in
            if counts.reduce(0, +) == 6 {
                sizes.insert([counts[..<3], counts[3..<5], counts[5...]].map { $0.reduce(0, +) })
            }
            return Double(counts[0]) + 0.5 * Double(counts[4])
        }
        #expect(sizes == [[3, 2, 1]])
        #expect(estimate.interval.method == "BCa bootstrap, 200 replicates, 3 strata")
    }

    @Test("The same stream gives the same interval, another one another")
    func seeded() throws {
        let values = (0..<20).map { Double($0 * $0) }
        let make = { (seed: UInt64) in
            try clusterBootstrap(
                clusters: 20, replicates: 150, stream: RandomStream(seed: seed, purpose: "b"), statistic: mean(values))
        }
        #expect(try make(1) == make(1))
        #expect(try make(1) != make(2))
    }

    @Test("A statistic that does not vary has no interval but its range")
    func degenerate() throws {
        let stream = RandomStream(seed: 3, purpose: "bootstrap")
        let flat = try clusterBootstrap(clusters: 9, stream: stream, statistic: mean([Double](repeating: 1, count: 9)))
        #expect(flat.standardError == nil && !flat.interval.isBounded)
        let single = try clusterBootstrap(clusters: 1, range: 0...1, stream: stream, statistic: mean([0.3]))
        #expect(single.interval.lower == 0 && single.interval.upper == 1)
    }

    @Test("BCa that is undefined falls back to percentile, by name")
    func fallBack() throws {
        // All replicates above the point, which the first call gives.
        var isFirst = true
        let onSide = try clusterBootstrap(clusters: 5, stream: RandomStream(seed: 4, purpose: "b")) { counts in
            defer { isFirst = false }
            return isFirst ? -1 : Double(counts[0])
        }
        #expect(onSide.interval.method == "percentile (BCa undefined) bootstrap, 2000 replicates")
    }

    @Test("Undefined resamples are counted, and too many are refused")
    func undefined() throws {
        let stream = RandomStream(seed: 5, purpose: "bootstrap")
        let rare = try clusterBootstrap(clusters: 6, replicates: 500, stream: stream) { counts in
            counts[0] >= 4 ? .nan : Double(counts[1])
        }
        #expect(rare.interval.method.hasSuffix("undefined"))
        #expect(throws: Diagnostic.self) {
            try clusterBootstrap(clusters: 3, stream: stream) { counts in counts[0] == 0 ? .nan : Double(counts[1]) }
        }
        #expect(throws: Diagnostic.self) { try clusterBootstrap(clusters: 3, stream: stream) { _ in .nan } }
        #expect(throws: Diagnostic.self) { try clusterBootstrap(clusters: 0, stream: stream) { _ in 1 } }
        #expect(throws: Diagnostic.self) { try clusterBootstrap(clusters: 2, replicates: 5, stream: stream) { _ in 1 } }
    }

    @Test("BCa covers a skewed mean near its level with forty clusters")
    func coverage() throws {
        var stream = RandomStream(seed: 6, purpose: "coverage of BCa")
        let replicates = 150
        let covered = try (0..<replicates).count { index in
            let values = (0..<40).map { _ in stream.gumbel() }
            return try clusterBootstrap(
                clusters: 40, replicates: 100, level: 0.9,
                stream: RandomStream(seed: 6, purpose: "b", item: UInt64(index)), statistic: mean(values)
            ).interval.contains(0.5772156649)
        }
        let share = Double(covered) / Double(replicates)
        #expect(agree(share, 0.9, absolute: monteCarloTolerance(0.9, replicates: replicates)), "\(share)")
    }
}
