import Diagnostics
import Experiment
import Statistics

/// How often a withdrawal's verdict is given where it is just not true.
struct WithdrawalChecks: TruenessChecks {
    let bank: TruenessBank
    let replication: Replication

    /// A truth (I, P), in units of δ, at which a verdict is just not true while its other conditions are clearly met.
    struct Boundary: Sendable {
        var verdict: Withdrawal.Verdict
        var internalised: Double
        var rented: Double

        init(_ verdict: Withdrawal.Verdict, _ internalised: Double, _ rented: Double) {
            (self.verdict, self.internalised, self.rented) = (verdict, internalised, rented)
        }

        var name: String { "'\(verdict.rawValue)' at I = \(Self.name(internalised)), P = \(Self.name(rented))" }

        private static func name(_ value: Double) -> String {
            switch value {
            case 0: "0"
            case 1: "δ"
            case -1: "−δ"
            default: value < 0 ? "far below" : "far above"
            }
        }
    }

    static let boundaries: [Boundary] = [
        Boundary(.inTheWeights, 0, -10), Boundary(.inTheWeights, 10, 1), Boundary(.inTheWeights, 0, 0),
        Boundary(.inTheEnsemble, 0, 0), Boundary(.inTheEnsemble, 1, 10), Boundary(.inTheEnsemble, -1, 10),
        Boundary(.both, 0, 10), Boundary(.both, 10, 0),
        Boundary(.neither, 1, 0), Boundary(.neither, -1, 0), Boundary(.neither, 0, 1), Boundary(.neither, 0, -1),
        Boundary(.neither, 1, 1),
    ]

    /// Columns: Y(without, off), I and P.
    static func population(
        _ bank: TruenessBank, with: TruenessBank.Arm, without: TruenessBank.Arm
    ) throws(Diagnostic) -> SeedPopulation {
        let withOn = try bank.finals(with, "withdrawal.on")
        let withOff = try bank.finals(with, "withdrawal.off")
        let withoutOff = try bank.finals(without, "withdrawal.off")
        return SeedPopulation(columns: [
            withoutOff, zip(withOff, withoutOff).map { $0 - $1 }, zip(withOn, withOff).map { $0 - $1 },
        ])
    }

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Withdrawal: false alarms at each boundary",
            prose: """
                I and P of real runs, moved so that the verdict is just not true; δ is ten standard deviations of a seed, so that \
                its other conditions are surely met, and no sd at all for 'both', so that no earlier verdict takes its place.
                """)
        let populations = [
            ("verifier against sham", try Self.population(bank, with: .verifier, without: .shamVerifier)),
            // Which of the two is called 'with' is arbitrary.
            (
                "A/A",
                SeedPopulation(
                    try Self.population(bank, with: .sameAgain, without: .base),
                    try Self.population(bank, with: .base, without: .sameAgain))
            ),
        ]
        for (name, population) in populations {
            for seeds in [5, 8] {
                for boundary in Self.boundaries {
                    table.rows.append(try await row(boundary, population, seeds: seeds, name))
                }
            }
        }
        table.rows += try await anyWrong()
        return table
    }

    private func row(
        _ boundary: Boundary, _ population: SeedPopulation, seeds: Int, _ name: String
    ) async throws(Diagnostic) -> TruenessRow {
        let deviation = max(population.deviations[1], population.deviations[2])
        let unit = 10 * deviation
        let rule = try Experiment.VerdictRule(
            .withdrawal, outcome: "gold", margin: boundary.verdict == .both ? 1e-6 * deviation : unit)
        let moved = population.moved(to: [0, boundary.internalised * unit, boundary.rented * unit])
        return try await replication.rate("\(boundary.name), \(seeds) seeds, \(name)", .atMost(0.05)) {
            (stream) throws(Diagnostic) in
            try Self.verdict(moved.draw(seeds, &stream), rule) == boundary.verdict
        }
    }

    static func verdict(
        _ rows: [[Double]], _ rule: Experiment.VerdictRule
    ) throws(Diagnostic) -> Withdrawal.Verdict {
        try Withdrawal(
            seeds: rows.map { row in
                Withdrawal.Cells(
                    withOn: row[0] + row[1] + row[2], withOff: row[0] + row[1], withoutOn: row[0], withoutOff: row[0])
            }, rule: rule
        ).verdict
    }

    /// At the corners of (I, P), where two bounds can err at once.
    private func anyWrong() async throws(Diagnostic) -> [TruenessRow] {
        let population = try Self.population(bank, with: .verifier, without: .shamVerifier)
        let unit = 2 * max(population.deviations[1], population.deviations[2])
        let rule = try Experiment.VerdictRule(.withdrawal, outcome: "gold", margin: unit)
        var rows: [TruenessRow] = []
        for (i, p) in [(0.0, 0.0), (1, 1), (0, 1), (1, 0)] {
            let moved = population.moved(to: [0, i * unit, p * unit])
            rows.append(
                try await replication.rate(
                    "any wrong verdict (two bounds may err), I = \(i == 0 ? "0" : "δ"), P = \(p == 0 ? "0" : "δ"), δ = 2 sd, 8 seeds",
                    .reported
                ) { (stream) throws(Diagnostic) in
                    switch try Self.verdict(moved.draw(8, &stream), rule) {
                    case .inTheWeights: !(i > 0 && p < 1)
                    case .inTheEnsemble: !(p > 0 && i < 1)
                    case .both: !(i > 0 && p > 0)
                    case .neither: !(i < 1 && p < 1)
                    case .cannotTell: false
                    }
                })
        }
        return rows
    }
}
