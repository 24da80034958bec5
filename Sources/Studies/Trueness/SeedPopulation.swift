import Statistics

/// Rows of numbers, one a seed of the bank, from which studies of a few seeds are drawn with replacement: so the true mean of
/// each column is known exactly, and the noise is that of real runs.
struct SeedPopulation: Sendable {
    /// [seed][column]
    private(set) var rows: [[Double]]

    init(rows: [[Double]]) { self.rows = rows }

    init(columns: [[Double]]) {
        rows = (columns.first ?? []).indices.map { seed in columns.map { $0[seed] } }
    }

    init(_ values: [Double]) { rows = values.map { [$0] } }

    /// Both, one after the other.
    init(_ first: SeedPopulation, _ second: SeedPopulation) { rows = first.rows + second.rows }

    /// Differences of arms that are the same: which is taken from which is arbitrary, so each stands with both signs.
    init(exchangeable differences: [Double]) { self.init(differences + differences.map { 0 - $0 }) }

    var means: [Double] {
        (rows.first ?? []).indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    }

    /// Of each column, over seeds.
    var deviations: [Double] {
        zip(means.indices, means).map { column, mean in
            let sum = rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) }
            return (sum / Double(max(rows.count - 1, 1))).squareRoot()
        }
    }

    /// The same noise about other means.
    func moved(to truth: [Double]) -> SeedPopulation {
        var copy = self
        let shifts = zip(truth, means).map { $0 - $1 }
        copy.rows = rows.map { row in zip(row, shifts).map { $0 + $1 } }
        return copy
    }

    /// The rows of a study of so many seeds.
    func draw(_ seeds: Int, _ stream: inout RandomStream) -> [[Double]] {
        (0..<seeds).map { _ in rows[stream.below(rows.count)] }
    }

    /// The same of the first column alone.
    func drawValues(_ seeds: Int, _ stream: inout RandomStream) -> [Double] {
        (0..<seeds).map { _ in rows[stream.below(rows.count)][0] }
    }
}
