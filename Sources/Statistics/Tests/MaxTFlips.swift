/// Rows of differences, their studentized column means, and the distribution of these under flips of whole rows.
struct MaxT {
    private let rows: [[Double]]
    private let observed: [Double]
    private let replicates: Int
    private let stream: RandomStream

    init(_ rows: [[Double]], replicates: Int, stream: RandomStream) {
        self.rows = rows
        self.replicates = replicates
        self.stream = stream
        observed = ColumnSums(rows).studentized
    }

    private var isExact: Bool { rows.count <= 16 }

    func result(level: Double) -> MaxTResult {
        let pValues = adjustedPValues()
        let largest = observed.reduce(-Double.infinity, max)
        let smallest = pValues.reduce(1, min)
        let method = "max-t sign-flip, \(isExact ? "exact by enumeration" : "Monte Carlo, \(replicates) replicates")"
        return MaxTResult(
            test: TestResult(statistic: largest, pValue: smallest, method: method, n: rows.count),
            adjustedPValues: pValues, estimates: estimates(level: level))
    }

    /// Step-down: each t is held against the largest among columns that are no more significant than its own.
    private func adjustedPValues() -> [Double] {
        let order = observed.indices.sorted { observed[$0] > observed[$1] }
        var hits = [Int](repeating: 0, count: observed.count)
        let total = forEachFlip(of: rows) { flipped in
            var largest = -Double.infinity
            for column in order.reversed() {
                largest = max(largest, flipped[column])
                if reaches(largest, observed[column]) { hits[column] += 1 }
            }
        }
        let extra = isExact ? 0 : 1
        var adjusted = observed
        var floor = 0.0
        for column in order {
            floor = max(floor, Double(hits[column] + extra) / Double(total + extra))
            adjusted[column] = floor
        }
        return adjusted
    }

    /// Whether a flip's t is at least the observed one, but for rounding.
    private func reaches(_ flipped: Double, _ t: Double) -> Bool {
        flipped >= t || flipped > t - 1e-9 * t.magnitude
    }

    private func estimates(level: Double) -> [Estimate] {
        let n = Double(rows.count)
        let means = observed.indices.map { column in rows.reduce(0) { $0 + $1[column] } / n }
        let residuals = rows.map { row in zip(row, means).map { $0 - $1 } }
        let critical = criticalValue(residuals, level: level)
        let errors = observed.indices.map { column in
            (residuals.reduce(0) { $0 + $1[column] * $1[column] } / (n * (n - 1))).squareRoot()
        }
        return zip(means, errors).map { estimate($0, error: $1, critical: critical, level: level) }
    }

    private func criticalValue(_ residuals: [[Double]], level: Double) -> Double {
        var maxima: [Double] = []
        forEachFlip(of: residuals) { maxima.append($0.reduce(-Double.infinity, max)) }
        maxima.sort()
        let place = Int((level * Double(maxima.count)).rounded(.up)) - 1
        return maxima[min(max(place, 0), maxima.count - 1)]
    }

    private func estimate(_ mean: Double, error: Double, critical: Double, level: Double) -> Estimate {
        let varies = error > 4 * Double.ulpOfOne * mean.magnitude
        let method =
            varies ? "simultaneous lower bound, max-t of flipped residuals" : "no variation between units: no bound"
        let lower = varies && critical.isFinite ? mean - critical * error : -.infinity
        let interval = Interval(lower: lower, upper: .infinity, level: level, method: method, validity: .fixedN)
        return Estimate(
            point: mean, standardError: varies ? error : nil, interval: interval, n: rows.count, clusters: rows.count)
    }

    /// Calls `body` with the studentized columns under every flip, or under `replicates` random ones.
    ///
    /// - Returns: how many flips there were.
    @discardableResult
    private func forEachFlip(of rows: [[Double]], _ body: ([Double]) -> Void) -> Int {
        var sums = ColumnSums(rows)
        guard isExact else {
            var stream = stream
            for _ in 0..<replicates {
                for row in rows.indices where stream.next() >> 63 == 1 { sums.flip(row) }
                body(sums.studentized)
            }
            return replicates
        }
        body(sums.studentized)
        // Gray code: each flip differs from the one before in a single row.
        for count in 1..<(1 << rows.count) {
            sums.flip(count.trailingZeroBitCount)
            body(sums.studentized)
        }
        return 1 << rows.count
    }
}

/// Column sums under the present signs of the rows; their squares do not change with the signs.
private struct ColumnSums {
    private var rows: [[Double]]
    private var sums: [Double]
    private let squares: [Double]

    init(_ rows: [[Double]]) {
        self.rows = rows
        sums = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } }
        squares = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] * $1[column] } }
    }

    mutating func flip(_ row: Int) {
        for column in sums.indices {
            sums[column] -= 2 * rows[row][column]
            rows[row][column] = -rows[row][column]
        }
    }

    /// t = mean/(s/√n); a column of zeros has 0, one that does not vary an infinite t of its mean's sign.
    var studentized: [Double] {
        let n = Double(rows.count)
        return zip(sums, squares).map { sum, square in
            let mean = sum / n
            let rest = square - n * mean * mean
            guard rest > 1e-13 * square else { return square == 0 ? 0 : mean * .infinity }
            return mean / (rest / (n * (n - 1))).squareRoot()
        }
    }
}
