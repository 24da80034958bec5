import Diagnostics
import Experiment
import Ledger
import Statistics

/// Real runs to resample from: a row a seed, with every arm's readings at that seed, so that a row drawn keeps what the arms share.
struct TruenessBank: Sendable {
    /// The arms of ``TruenessDesigns/bank``, as its levels name them.
    enum Arm: Hashable, Sendable {
        case accuracy(String)
        case sameAgain
        case placebo
        case verifier
        case shamVerifier
        /// Its verifier goes after ``TruenessDesigns/removal`` updates.
        case removed
        /// Its learning rate is 0: all that its meters show is noise.
        case frozen

        var name: String {
            switch self {
            case .accuracy(let level): "accuracy=\(level),verifier=absent,training=free"
            case .sameAgain: "a-a of accuracy=0.7,verifier=absent,training=free"
            case .placebo: "placebo of accuracy=0.7,verifier=absent,training=free"
            case .verifier: "accuracy=0.7,verifier=real,training=free"
            case .shamVerifier: "accuracy=0.7,verifier=sham,training=free"
            case .removed: "accuracy=0.7,verifier=removed,training=free"
            case .frozen: "accuracy=0.7,verifier=absent,training=frozen"
            }
        }

        static let levels = ["0.5", "0.6", "0.7", "0.8", "0.9"].map(Arm.accuracy)
        /// The arm that the controls copy.
        static let base = Arm.accuracy("0.7")
        static let all = levels + [.sameAgain, .placebo, .verifier, .shamVerifier, .removed, .frozen]
    }

    /// The seeds at which every arm came to its end.
    let seeds: [Int]
    let runs: Int
    /// [arm][seed]: what was read, step by step.
    private let readings: [Arm: [[StepReadings]]]

    /// - Throws: `badData` where an arm is missing or fewer than 20 seeds ended everywhere.
    init(_ results: StudyResults) throws(Diagnostic) {
        var found: [Arm: [Int: [StepReadings]]] = [:]
        for arm in Arm.all {
            for run in results.runs(ofArm: arm.name) where run.status == .done {
                found[arm, default: [:]][run.seed] = try results.readings(of: run.position)
            }
        }
        let shared = Arm.all.reduce(Set(found[.base]?.keys.map { $0 } ?? [])) { seeds, arm in
            seeds.intersection(found[arm]?.keys.map { $0 } ?? [])
        }
        guard shared.count >= 20 else {
            throw Diagnostic(
                .badData, "only \(shared.count) seeds of the bank ended in every arm, and 20 are needed",
                at: .init(file: results.ledger.path), remedy: "Go on with the bank: make trueness")
        }
        let seeds = shared.sorted()
        self.seeds = seeds
        readings = found.mapValues { runs in seeds.compactMap { runs[$0] } }
        runs = seeds.count * Arm.all.count
    }

    /// A meter's last reading, one a seed.
    ///
    /// - Throws: `badData` where a run lacks it.
    func finals(_ arm: Arm, _ meter: String) throws(Diagnostic) -> [Double] {
        try each(arm, meter) { steps in steps.reversed().lazy.compactMap { $0[meter]?.value }.first }
    }

    /// A meter's reading at a step, one a seed.
    func values(_ arm: Arm, _ meter: String, at step: Int) throws(Diagnostic) -> [Double] {
        try each(arm, meter) { steps in steps.first { $0.step == step }?[meter]?.value }
    }

    /// A meter over all steps at which it was read, [seed][reading].
    func series(_ arm: Arm, _ meter: String) throws(Diagnostic) -> [[Double]] {
        try each(arm, meter) { steps in steps.compactMap { $0[meter]?.value } }
    }

    /// What a sampled meter read with its standard error, and the exact meter of the same policy, at the runs' ends.
    func pairs(_ arm: Arm, sampled: String, exact: String) throws(Diagnostic) -> [(sampled: Reading, truth: Double)] {
        try each(arm, sampled) { steps in
            guard let last = steps.last, let reading = last[sampled], let truth = last[exact]?.value else { return nil }
            return (reading, truth)
        }
    }

    private func each<Value>(
        _ arm: Arm, _ meter: String, _ read: ([StepReadings]) -> Value?
    ) throws(Diagnostic) -> [Value] {
        let values = (readings[arm] ?? []).compactMap(read)
        guard values.count == seeds.count else {
            throw Diagnostic(
                .badData, "the bank has \(meter) of \(values.count) of \(seeds.count) runs of \(arm.name)",
                remedy: "Make the bank anew")
        }
        return values
    }
}
