import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Statistics

@testable import Studies

/// A ledger with the bank's study whose readings are drawn from normal distributions: the checks then have a known answer.
enum SyntheticBank {
    static func make(seeds: Int, in folder: TemporaryFolder) throws -> TruenessBank {
        let design = try TruenessDesigns.bank(seeds: seeds)
        let plan = try StudyPlan(design) { (_, _) in ArmCost(steps: 1, tokens: 1, flops: 1, memory: 1) }
        let ledger = try Ledger(path: folder.file("bank.sqlite"))
        let run = try ledger.beginStudy(
            RunDescription(verb: "study", settings: design.canonical), design: design.record,
            arms: plan.runs.map(\.record))
        try ledger.record(
            StudyProgress(
                steps: plan.runs.flatMap { steps(of: $0) },
                ends: plan.runs.map { ArmRunEnd(armRun: $0.position, status: .done, cost: RunCost()) }), of: run)
        return try TruenessBank(try StudyResults(run, in: ledger))
    }

    /// A policy of two prompts and three responses, and its reference.
    static func trained() throws -> TrainedPolicy {
        func distributions(_ rows: [[Double]]) throws -> [EnumeratedDistribution] {
            try rows.map { try EnumeratedDistribution(logProbabilities: $0.map { log($0) }) }
        }
        return TrainedPolicy(
            policy: try distributions([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]),
            reference: try distributions([[0.3, 0.3, 0.4], [0.4, 0.4, 0.2]]), gold: [[1, 0.5, 0], [0, 0.4, 1]],
            rewards: [[1, 0, 0], [0, 0, 1]])
    }

    private static let exact = [
        "exact.gold", "exact.kl", "exact.entropy", "exact.reward", "exact.pass@1", "withdrawal.on", "withdrawal.off",
        "withdrawal.gap",
    ]
    private static let batch = [
        "gold.mean", "reward-gold.correlation", "responses.agreement", "responses.distinct", "reward.std",
        "reward.within-group-std", "gradient.norm",
    ]
    private static let heldOut = ["gold.mean", "kl.k1", "kl.k3", "entropy.response", "pass@1"]

    private static func steps(of run: ArmRun) -> [StepRecord] {
        var stream = RandomStream(seed: 5, purpose: "synthetic bank", item: UInt64(run.position))
        return stride(from: 0, through: 60, by: 2).map { step in
            var names = step % 6 == 0 ? exact : []
            if step < 60 { names += batch }
            var readings = names.map { Reading($0, value($0, step, &stream), standardError: 0) }
            if step == 60 {
                readings += heldOut.map {
                    Reading("held-out.\($0)", 0.5 + 0.02 * stream.normal(), standardError: 0.02, n: 256)
                }
            }
            return StepRecord(
                armRun: run.position, step: step, readings: StepReadings(step: step, readings: readings).json)
        }
    }

    private static func value(_ name: String, _ step: Int, _ stream: inout RandomStream) -> Double {
        // A divergence that grows and gold that grows with it, so that a curve is determined.
        let divergence = Double(step) / 100
        let trend = name == "exact.kl" ? divergence : name == "exact.gold" ? 0.4 + 0.3 * divergence.squareRoot() : 0.5
        return trend + 0.01 * stream.normal().magnitude
    }
}
