import Diagnostics
import Experiment
import LanguageModel
import Rewards
import Statistics
import Torch
import Training

extension PolicyRun {
    /// What is read of the policy as it stands, whatever the regime: exact quantities, held-out prompts, pieces on and off.
    func standing(at step: Int, last: Int) async throws(Diagnostic) -> [Reading] {
        var readings: [Reading] = []
        if parts.meters.reads(parts.meters.exactEvery, at: step, last: last), let exact {
            readings += try exact.readings(of: parts.policy.decoder, rewards: try await rewards(at: step))
            readings += try exactWithdrawal(exact)
            if let gold = readings.first(where: { $0.meter == "exact.gold" })?.value {
                readings += cost.gains(gold: gold)
            }
        }
        if parts.meters.reads(parts.meters.heldOutEvery, at: step, last: last) {
            let heldOut = try await heldOut(step)
            readings += heldOut
            if exact == nil, let gold = heldOut.first(where: { $0.meter == "held-out.gold.mean" })?.value {
                readings += cost.gains(gold: gold)
            }
        }
        return readings
    }

    /// The batch that is trained on.
    func batchReadings(
        _ groups: [ScoredGroup], _ numbers: BatchNumbers
    ) async throws(Diagnostic) -> [Reading] {
        var meters = MeterBatch(
            groups: groups, gold: [], policy: numbers.policy, reference: numbers.reference,
            distributions: numbers.distributions)
        for group in groups {
            meters.gold.append(try await parts.world.gold(group.sampled.responses, to: group.sampled.prompt))
        }
        return try BatchMeters(settings: parts.meters).read(meters)
    }

    /// Fresh samples on prompts that are not trained on, from streams of the meter's own.
    private func heldOut(_ step: Int) async throws(Diagnostic) -> [Reading] {
        let all = parts.world.heldOutPrompts
        let prompts = all.prefix(parts.meters.heldOutPrompts).enumerated().map {
            (index: $0.offset, prompt: $0.element)
        }
        guard !prompts.isEmpty else { return [] }
        let sampled = try heldOutSamples(of: prompts, size: parts.meters.heldOutSamples, at: step)
        let batch = TrainingBatch(sampled, grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        let numbers = try numbers(batch)
        var meters = MeterBatch(
            groups: try await parts.reward.stateless.scored(sampled), gold: [], policy: numbers.policy,
            reference: numbers.reference, distributions: numbers.distributions)
        for group in sampled { meters.gold.append(try await parts.world.gold(group.responses, to: group.prompt)) }
        let readings = try BatchMeters(settings: parts.meters).read(meters) + [heldOutGain(meters.gold)]
        let named = readings.map { reading in
            var named = reading
            named.meter = "held-out." + reading.meter
            return named
        }
        return try await named + sampledWithdrawal(prompts, gold: meters.gold, at: step)
    }

    /// Fresh samples for a meter: the same draws at every step and in every arm, so that readings differ by the policy alone.
    func heldOutSamples(
        of prompts: [(index: Int, prompt: WorldPrompt)], size: Int, at step: Int
    ) throws(Diagnostic) -> [Group.Sampled] {
        try PolicySampler(world: parts.world, temperature: 1).sample(
            prompts, size: size, from: try samplingDecoder(at: step, rows: prompts.count * size),
            seed: parts.streams.seed("meter held-out"), step: step)
    }

    /// The change of gold since it was first read, paired by prompt, so that what prompts differ by is not in its error.
    private func heldOutGain(_ gold: [[Double]]) throws(Diagnostic) -> Reading {
        let means = gold.map { $0.reduce(0, +) / Double($0.count) }
        if firstHeldOutGold.isEmpty { firstHeldOutGold = means }
        let gain = try studentMean(zip(means, firstHeldOutGold).map { $0 - $1 })
        return Reading("gold.gain", gain.point, standardError: gain.standardError, n: means.count)
    }
}
