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
            readings += try exact.readings(of: parts.policy.decoder)
            readings += try withdrawal(exact)
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
        _ groups: [ScoredGroup], policy: [[Double]]?, reference: [[Double]]?, batch: TrainingBatch?
    ) async throws(Diagnostic) -> [Reading] {
        var meters = MeterBatch(groups: groups, gold: [], policy: policy, reference: reference)
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
        let sampler = PolicySampler(world: parts.world, temperature: 1)
        // The same draws at every step and in every arm: readings differ by the policy alone.
        let sampled = try sampler.sample(
            prompts, size: parts.meters.heldOutSamples,
            from: try samplingDecoder(at: step, rows: prompts.count * parts.meters.heldOutSamples),
            seed: parts.streams.seed("meter held-out"), step: step)
        let batch = TrainingBatch(sampled, grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        var policy: [[Double]] = []
        var entropies: [[Double]] = []
        for part in batch.parts {
            policy += try noGradNumbers(parts.policy.decoder, batch.sequences[part])
            entropies += try parts.policy.decoder.tokenEntropies(batch.sequences[part])
        }
        var meters = MeterBatch(
            groups: try await parts.reward.stateless.scored(sampled), gold: [], policy: policy,
            reference: try referenceNumbers(batch), entropies: entropies)
        for group in sampled { meters.gold.append(try await parts.world.gold(group.responses, to: group.prompt)) }
        let readings = try BatchMeters(settings: parts.meters).read(meters) + [heldOutGain(meters.gold)]
        return readings.map { reading in
            var named = reading
            named.meter = "held-out." + reading.meter
            return named
        }
    }

    /// The change of gold since it was first read, paired by prompt, so that what prompts differ by is not in its error.
    private func heldOutGain(_ gold: [[Double]]) throws(Diagnostic) -> Reading {
        let means = gold.map { $0.reduce(0, +) / Double($0.count) }
        if firstHeldOutGold.isEmpty { firstHeldOutGold = means }
        let gain = try studentMean(zip(means, firstHeldOutGold).map { $0 - $1 })
        return Reading("gold.gain", gain.point, standardError: gain.standardError, n: means.count)
    }

    /// Gold with a piece attached and without, exactly: the verifier's best of n by gold, the hint before the prompt.
    private func withdrawal(_ exact: ExactReader) throws(Diagnostic) -> [Reading] {
        var readings: [Reading] = []
        for piece in parts.pieces {
            let off = try exact.distributions(of: parts.policy.decoder)
            let on: [EnumeratedDistribution]
            switch piece.kind {
            case .verifier(let size): on = try exact.bestByGold(off, size: size)
            case .hint(let tokens, _, _):
                let prompts = zip(tokens, parts.world.prompts).map { $0 + $1.tokens }
                on = try exact.distributions(of: parts.policy.decoder, prompts: prompts)
            }
            let (attached, alone) = (try exact.gold(of: on), try exact.gold(of: off))
            readings += [
                Reading("withdrawal.on", attached, standardError: 0),
                Reading("withdrawal.off", alone, standardError: 0),
                Reading("withdrawal.gap", attached - alone, standardError: 0),
            ]
        }
        return readings
    }
}

extension ExactReader {
    func distributions(of decoder: Decoder, prompts: [[Int32]]? = nil) throws(Diagnostic) -> [EnumeratedDistribution] {
        let policy = try enumerator.read(decoder, prompts: prompts ?? enumerator.prompts.map(\.tokens))
        var distributions: [EnumeratedDistribution] = []
        for row in policy.logProbabilities { distributions.append(try EnumeratedDistribution(logProbabilities: row)) }
        return distributions
    }

    func bestByGold(_ policy: [EnumeratedDistribution], size: Int) throws(Diagnostic) -> [EnumeratedDistribution] {
        var chosen: [EnumeratedDistribution] = []
        for (prompt, own) in policy.enumerated() {
            chosen.append(try own.bestOfN(size, rewards: enumeration.gold[prompt]))
        }
        return chosen
    }
}
