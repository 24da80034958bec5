import Diagnostics
import Experiment
import JSON
import Regimes
import Statistics
import Torch
import Training

/// A policy trained for real and its reference, as exact distributions, with the truth about them.
struct TrainedPolicy: Sendable {
    /// A prompt each.
    let policy: [EnumeratedDistribution]
    let reference: [EnumeratedDistribution]
    let gold: [[Double]]
    let rewards: [[Double]]

    /// Trains the bank's arm at accuracy 0.7 for 60 steps.
    ///
    /// - Parameter bases: the folder of base policies.
    @TensorActor
    static func train(bases: String) async throws(Diagnostic) -> TrainedPolicy {
        let design = try TruenessDesigns.bank(seeds: 20)
        let settings = try RunSettings(design.run, path: "run", folder: ".")
        let arm = try await ArmParts(settings, seed: 0, bases: bases)
        try await PolicyRun(arm.parts).run { _ in }
        guard let enumeration = arm.world.enumeration, let rewards = arm.parts.rewardTable else {
            throw Diagnostic(.internalFailure, "the lookup world cannot be enumerated")
        }
        return TrainedPolicy(
            policy: try ReferenceDistributions.read(arm.world, arm.policy.decoder),
            reference: try ReferenceDistributions.read(arm.world, arm.reference), gold: enumeration.gold,
            rewards: rewards)
    }

    /// The mean over prompts of something exact.
    func mean(_ value: (Int) throws(Diagnostic) -> Double) throws(Diagnostic) -> Double {
        var sum = 0.0
        for prompt in policy.indices { sum += try value(prompt) }
        return sum / Double(policy.count)
    }

    /// Responses drawn from a distribution.
    static func sample(_ count: Int, of distribution: EnumeratedDistribution, _ stream: inout RandomStream) -> [Int] {
        let weights = distribution.probabilities
        return (0..<count).map { _ in stream.index(weights: weights) }
    }
}
