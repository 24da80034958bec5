import Diagnostics
import RealModule
import Statistics

/// Repeats a measurement many times, each with a random stream of its own, so that the numbers do not depend on how many
/// repetitions run at once.
struct Replication: Sendable {
    var count = 10_000
    var jobs = 1
    var seed: UInt64 = 1
    /// A row that breaks its promise is measured again with so many times the replicates, from new streams, and the second
    /// measurement stands: of many rows at exactly 5% some lie above it by chance.
    static let confirmation = 10

    /// The share of replicates in which something happens.
    func rate(
        _ what: String, _ promise: TruenessRow.Promise, cost: Int = 1,
        _ happens: @escaping @Sendable (inout RandomStream) throws(Diagnostic) -> Bool
    ) async throws(Diagnostic) -> TruenessRow {
        try await rates([(what, promise)], cost: cost) { (stream) throws(Diagnostic) in [try happens(&stream)] }[0]
    }

    /// Several shares, read off the same replicates.
    ///
    /// - Parameter cost: how many times dearer a replicate is than most; so many times fewer are made.
    func rates(
        _ rows: [(what: String, promise: TruenessRow.Promise)], cost: Int = 1,
        _ happens: @escaping @Sendable (inout RandomStream) throws(Diagnostic) -> [Bool]
    ) async throws(Diagnostic) -> [TruenessRow] {
        let name = rows[0].what
        let count = max(1, self.count / cost)
        var result = try await measure(rows, name, count, happens)
        if result.contains(where: { !$0.holds }) {
            let again = try await measure(rows, "\(name), again", count * Self.confirmation, happens)
            for index in result.indices where !result[index].holds { result[index] = again[index] }
        }
        return result
    }

    private func measure(
        _ rows: [(what: String, promise: TruenessRow.Promise)], _ name: String, _ count: Int,
        _ happens: @escaping @Sendable (inout RandomStream) throws(Diagnostic) -> [Bool]
    ) async throws(Diagnostic) -> [TruenessRow] {
        let sums = try await sums(name, count) { (stream) throws(Diagnostic) in
            try happens(&stream).map { $0 ? 1 : 0 }
        }
        var result: [TruenessRow] = []
        for (row, sum) in zip(rows, sums) {
            result.append(try TruenessRow(row.what, row.promise, hits: Int(sum.first), of: count))
        }
        return result
    }

    /// The means of several numbers over replicates, each with a normal interval.
    func means(
        _ rows: [(what: String, promise: TruenessRow.Promise)], cost: Int = 1,
        _ values: @escaping @Sendable (inout RandomStream) throws(Diagnostic) -> [Double]
    ) async throws(Diagnostic) -> [TruenessRow] {
        let count = max(2, self.count / cost)
        let sums = try await sums(rows[0].what, count, values)
        return zip(rows, sums).map { row, sum in
            let mean = sum.first / Double(count)
            let variance = max(0, sum.second / Double(count) - mean * mean) / Double(count - 1)
            let half = 1.959964 * variance.squareRoot()
            let interval = Interval(
                lower: mean - half, upper: mean + half, level: 0.95, method: "normal, Monte Carlo", validity: .fixedN)
            return TruenessRow(
                what: row.what, promise: row.promise,
                measured: Estimate(
                    point: mean, standardError: variance.squareRoot(), interval: interval, n: count, clusters: count),
                replicates: count)
        }
    }
}

extension Replication {
    /// Sums of first and second powers over replicates, added in their order whatever the number of jobs.
    private func sums(
        _ name: String, _ count: Int,
        _ values: @escaping @Sendable (inout RandomStream) throws(Diagnostic) -> [Double]
    ) async throws(Diagnostic) -> [(first: Double, second: Double)] {
        let size = 250
        let blocks = (count + size - 1) / size
        let results = await withTaskGroup(of: (Int, Result<Sums, Diagnostic>).self) { group in
            var results = [Result<Sums, Diagnostic>?](repeating: nil, count: blocks)
            var next = 0
            func add(to group: inout TaskGroup<(Int, Result<Sums, Diagnostic>)>) {
                guard next < blocks else { return }
                let block = next
                next += 1
                group.addTask { (block, self.block(name, block * size..<min(count, (block + 1) * size), values)) }
            }
            for _ in 0..<max(1, jobs) { add(to: &group) }
            while let (block, result) = await group.next() {
                results[block] = result
                add(to: &group)
            }
            return results
        }
        var total: Sums = []
        for result in results { total.add(try result?.get() ?? []) }
        return total
    }

    private typealias Sums = [(first: Double, second: Double)]

    private func block(
        _ name: String, _ range: Range<Int>,
        _ values: (inout RandomStream) throws(Diagnostic) -> [Double]
    ) -> Result<Sums, Diagnostic> {
        var sums: Sums = []
        do throws(Diagnostic) {
            for replicate in range {
                var stream = RandomStream(seed: seed, purpose: "trueness \(name)", item: UInt64(replicate))
                sums.add(try values(&stream).map { ($0, $0 * $0) })
            }
            return .success(sums)
        } catch {
            return .failure(error)
        }
    }
}

extension [(first: Double, second: Double)] {
    fileprivate mutating func add(_ other: [(first: Double, second: Double)]) {
        if isEmpty {
            self = other
        } else {
            for index in other.indices {
                self[index].first += other[index].first; self[index].second += other[index].second
            }
        }
    }
}
