import Diagnostics
import Foundation
import JSON
import Statistics
import Testing

@Suite struct IntervalTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("intervals") }

    @Test("Wilson and Clopper-Pearson agree with SciPy")
    func proportions() throws {
        for row in fixture["proportions"].map(\.numbers) {
            let (k, n) = (Int(row[0]), Int(row[1]))
            let score = try wilson(successes: k, n: n, level: row[2]).interval
            let exact = try clopperPearson(successes: k, n: n, level: row[2]).interval
            #expect(agree([score.lower, score.upper], Array(row[3..<5]), absolute: 1e-15), "\(row) \(score)")
            #expect(agree([exact.lower, exact.upper], Array(row[5...])), "\(row) \(exact)")
            #expect(score.validity == .fixedN && exact.validity == .exact)
        }
        #expect(throws: Diagnostic.self) { try wilson(successes: 0, n: 0) }
        #expect(throws: Diagnostic.self) { try clopperPearson(successes: 3, n: 2) }
        #expect(throws: Diagnostic.self) { try wilson(successes: 1, n: 2, level: 95) }
    }

    /// The exact coverage of an interval at a true share, summed over all outcomes.
    private func coverage(_ n: Int, _ share: Double, _ intervals: [Interval]) -> Double {
        let distribution = BinomialDistribution(trials: n, probability: share)
        return intervals.indices.reduce(0) { $0 + (intervals[$1].contains(share) ? distribution.mass($1) : 0) }
    }

    @Test("Clopper-Pearson covers at every share, Wilson on average: exact coverage by enumeration")
    func coverageOfProportions() throws {
        for n in [5, 20, 60] {
            let exact = try (0...n).map { try clopperPearson(successes: $0, n: n).interval }
            let score = try (0...n).map { try wilson(successes: $0, n: n).interval }
            let shares = (1..<200).map { Double($0) / 200 }
            #expect(shares.allSatisfy { coverage(n, $0, exact) >= 0.95 - 1e-12 })
            let mean = shares.reduce(0) { $0 + coverage(n, $1, score) } / Double(shares.count)
            #expect((0.945...0.96).contains(mean), "\(n) \(mean)")
        }
    }

    @Test("The clustered mean agrees with the sandwich variance by dense algebra")
    func clusteredMeans() throws {
        for row in fixture["means"] {
            let weights = row["weighted"]!.boolValue! ? row.numbers("weights") : nil
            let estimate = try clusteredMean(
                row.numbers("values"), clusters: row["clusters"]!.integers, weights: weights,
                level: row.number("level"))
            let actual = [estimate.point, estimate.standardError!, estimate.interval.lower, estimate.interval.upper]
            #expect(agree(actual, row.numbers("expected"), relative: 1e-9), "\(actual)")
            #expect(estimate.interval.method == "cluster-robust t, df \(estimate.clusters - 1)")
        }
    }

    @Test("With one value per cluster the mean has Student's interval, as SciPy's one-sample t test")
    func studentMeans() throws {
        for row in fixture["students"] {
            let values = row[0].numbers
            let byCluster = try clusteredMean(values, clusters: values.indices.map { 100 - $0 })
            let bySeed = try studentMean(values)
            for estimate in [byCluster, bySeed] {
                let actual = [
                    estimate.point, estimate.standardError!, estimate.interval.lower, estimate.interval.upper,
                ]
                #expect(agree(actual, row.arrayValue![1...].map(\.number)), "\(actual)")
                #expect(estimate.interval.method == "Student t, df \(values.count - 1)")
            }
        }
    }

    @Test("One 0/1 outcome per cluster is a share with Wilson's score; a difference never is")
    func binaryOutcomes() throws {
        let values = [1.0, 0, 1, 1]
        let share = try clusteredMean(values, clusters: [1, 2, 3, 4])
        #expect(share == (try wilson(successes: 3, n: 4)))
        #expect(try clusteredMean(values, clusters: [1, 1, 2, 2]).interval.method == "cluster-robust t, df 1")
        #expect(try studentMean(values).interval.method == "Student t, df 3")
        let difference = try pairedDifference(values, [0, 0, 0, 0], clusters: [1, 2, 3, 4])
        #expect(difference.interval.method == "Student t, df 3")
    }

    @Test("One cluster has no interval, and says so")
    func oneCluster() throws {
        let estimate = try clusteredMean([0.2, 0.9, 0.4], clusters: [5, 5, 5])
        #expect(estimate.point == 0.5 && estimate.standardError == nil && estimate.clusters == 1 && estimate.n == 3)
        #expect(!estimate.interval.isBounded)
        #expect(estimate.interval.method == "one cluster: its spread is unknown, no interval")
        #expect(try clusteredMean([1], clusters: [0], range: 0...1).interval.lower == 0)
    }

    @Test("Clusters that all agree give no false certainty")
    func noVariation() throws {
        let unknown = try pairedDifference([2, 3.1, 4], [1, 2.1, 3], clusters: [0, 1, 2])
        #expect(agree(unknown.point, 1) && unknown.standardError == nil && !unknown.interval.isBounded)
        let bounded = try pairedDifference([1, 0, 1], [1, 0, 1], clusters: [0, 1, 2], range: -1...1)
        let share = try clopperPearson(successes: 0, n: 3).interval.upper
        #expect(agree([bounded.interval.lower, bounded.interval.upper], [-share, share]))
        let allRight = try clusteredMean([1, 1, 1, 1], clusters: [0, 0, 1, 1])
        #expect(allRight.interval.upper == 1 && allRight.interval.lower < 0.2)
    }

    @Test("Missing, infinite or mismatched input is refused")
    func badInput() throws {
        let error = try #require(throws: Diagnostic.self) { try clusteredMean([1, .nan], clusters: [0, 1]) }
        #expect(error.category == .badData && error.location.field == "values[1]")
        #expect(throws: Diagnostic.self) { try clusteredMean([], clusters: []) }
        #expect(throws: Diagnostic.self) { try clusteredMean([1], clusters: [0, 1]) }
        #expect(throws: Diagnostic.self) { try clusteredMean([1, 2], clusters: [0, 1], weights: [0, 0]) }
        #expect(throws: Diagnostic.self) { try clusteredMean([1, 2], clusters: [0, 1], weights: [1, -1]) }
        #expect(throws: Diagnostic.self) { try pairedDifference([.infinity], [.infinity], clusters: [0]) }
        let level = try #require(throws: Diagnostic.self) { try studentMean([1, 2], level: 1) }
        #expect(level.category == .usage)
    }

    @Test("Student's interval over eight seeds covers at its level")
    func studentCoverage() throws {
        var stream = RandomStream(seed: 1, purpose: "coverage of t")
        let replicates = 3000
        let covered = try (0..<replicates).count { _ in
            try studentMean((0..<8).map { _ in 2 + stream.normal() }, level: 0.9).interval.contains(2)
        }
        let share = Double(covered) / Double(replicates)
        #expect(agree(share, 0.9, absolute: monteCarloTolerance(0.9, replicates: replicates)), "\(share)")
    }

    @Test("Equal clusters with shared noise are covered at the level, where ignoring them would not be")
    func clusteredCoverage() throws {
        var stream = RandomStream(seed: 2, purpose: "coverage of clusters")
        let replicates = 1500
        var (clustered, naive) = (0, 0)
        for _ in 0..<replicates {
            var values: [Double] = []
            for _ in 0..<10 {
                let shared = stream.normal()
                for _ in 0..<4 { values.append(shared + 0.5 * stream.normal()) }
            }
            clustered += try clusteredMean(values, clusters: values.indices.map { $0 / 4 }).interval.contains(0) ? 1 : 0
            naive += try studentMean(values).interval.contains(0) ? 1 : 0
        }
        let share = Double(clustered) / Double(replicates)
        #expect(agree(share, 0.95, absolute: monteCarloTolerance(0.95, replicates: replicates)), "\(share)")
        #expect(Double(naive) / Double(replicates) < 0.8)
    }

    @Test("Hedges' g agrees with its closed form")
    func hedges() throws {
        for row in fixture["hedgesG"] {
            let g = try hedgesG(row[0].numbers, row[1].numbers)
            #expect(agree(g.point, row[2].number))
            #expect(g.interval.contains(g.point))
        }
        #expect(throws: Diagnostic.self) { try hedgesG([1], [1, 2]) }
        #expect(throws: Diagnostic.self) { try hedgesG([1, 1], [2, 2]) }
    }
}

@Suite struct FiellerTests {
    @Test("The set is that of the ratios which a paired t test does not reject, in all its shapes")
    func againstTests() throws {
        var shapes: Set<String> = []
        for row in try Fixture("intervals")["fieller"] {
            let estimate = try fiellerRatio(
                numerators: row.numbers("numerators"), denominators: row.numbers("denominators"))
            let interval = estimate.interval
            shapes.insert(interval.isUnion ? "rays" : interval.isBounded ? "segment" : "line")
            for (index, held) in row["inside"]!.stringValue!.enumerated() {
                let ratio = tan(-1.57 + 3.14 * Double(index) / 400)
                #expect(interval.contains(ratio) == (held == "1"), "\(ratio) \(interval)")
            }
        }
        #expect(shapes == ["rays", "segment", "line"])
    }

    @Test("It covers at its level where the denominator is not clear of zero, and is then often unbounded")
    func coverage() throws {
        var stream = RandomStream(seed: 3, purpose: "coverage of Fieller")
        let replicates = 1500
        var (covered, unbounded) = (0, 0)
        for _ in 0..<replicates {
            let denominators = (0..<8).map { _ in 0.5 + stream.normal() }
            let numerators = denominators.map { 0.6 * $0 + 0.5 * stream.normal() }
            let interval = try fiellerRatio(numerators: numerators, denominators: denominators).interval
            covered += interval.contains(0.6) ? 1 : 0
            unbounded += interval.isBounded ? 0 : 1
        }
        let share = Double(covered) / Double(replicates)
        #expect(agree(share, 0.95, absolute: monteCarloTolerance(0.95, replicates: replicates)), "\(share)")
        #expect(unbounded > replicates / 2)
    }

    @Test("One unit, or units that do not vary, have no interval")
    func degenerate() throws {
        #expect(try !fiellerRatio(numerators: [1], denominators: [2]).interval.isBounded)
        let still = try fiellerRatio(numerators: [1, 1], denominators: [2, 2])
        #expect(still.point == 0.5 && !still.interval.isBounded)
        #expect(throws: Diagnostic.self) { try fiellerRatio(numerators: [.nan], denominators: [1]) }
    }
}
