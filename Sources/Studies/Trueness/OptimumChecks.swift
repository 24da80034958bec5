import Diagnostics
import Experiment
import Statistics

/// How often an interior optimum is claimed or denied wrongly.
struct OptimumChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    /// Columns: gold at the end, by accuracy.
    static func population(_ bank: TruenessBank) throws(Diagnostic) -> SeedPopulation {
        var columns: [[Double]] = []
        for arm in TruenessBank.Arm.levels { columns.append(try bank.finals(arm, "exact.gold")) }
        return SeedPopulation(columns: columns)
    }

    /// Means, in sd of a difference (δ is 10), at which the verdict is just not true.
    private static let boundaries: [(name: String, means: [Double], verdict: InteriorOptimum.Verdict)] = [
        ("all levels equal", [0, 0, 0, 0, 0], .interior),
        ("the top as good as those between", [-100, 0, 0, 0, 0], .interior),
        ("the bottom as good as those between", [0, 0, 0, 0, -100], .interior),
        ("one between as good as the top", [-100, -100, 0, -100, 0], .interior),
        ("one at δ above both ends", [0, 0, 10, 0, 0], .none),
        ("one at δ above the top", [-100, 0, 10, 0, 0], .none),
        ("one at δ above the bottom", [0, 0, 10, 0, -100], .none),
        ("all between at δ", [0, 10, 10, 10, 0], .none),
    ]

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Interior optimum: false alarms at each boundary",
            prose: """
                Gold of 5 accuracies on the same 8 seeds, as the bank's runs have it, its means moved; δ is 10 standard deviations \
                of a difference.
                """)
        let population = try Self.population(bank)
        let unit = try Self.unit(of: population)
        let rule = try Experiment.VerdictRule(.interiorOptimum, outcome: "gold", margin: 10 * unit)
        for (name, means, verdict) in Self.boundaries {
            let moved = population.moved(to: means.map { $0 * unit })
            table.rows.append(
                try await replication.rate("'\(verdict.rawValue)', \(name)", .atMost(0.05)) {
                    (stream) throws(Diagnostic) in
                    let drawn = moved.draw(8, &stream)
                    return try InteriorOptimum(outcomes: drawn, rule: rule, stream: stream).verdict == verdict
                })
        }
        return table
    }

    /// The largest standard deviation of a difference to the top.
    static func unit(of population: SeedPopulation) throws(Diagnostic) -> Double {
        let differences = population.rows.map { row in row.dropLast().map { $0 - row[row.count - 1] } }
        let columns = (differences.first ?? []).indices.map { column in differences.map { $0[column] } }
        return SeedPopulation(columns: columns).deviations.max() ?? 1
    }
}
