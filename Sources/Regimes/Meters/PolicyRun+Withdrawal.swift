import Diagnostics
import Experiment
import LanguageModel
import Statistics
import Torch
import Training

/// Gold with a run's pieces attached and without: with a hint before the prompt, with the best by gold of a verifier's samples.
extension PolicyRun {
    /// Exactly, over the training prompts.
    func exactWithdrawal(_ exact: ExactReader) throws(Diagnostic) -> [Reading] {
        guard !parts.pieces.isEmpty else { return [] }
        let off = try exact.distributions(of: parts.policy.decoder)
        var on = off
        if let hint = parts.pieces.hint {
            on = try exact.distributions(of: parts.policy.decoder, prompts: hint.prompts)
        }
        if let size = parts.pieces.verifierSize { on = try exact.bestByGold(on, size: size) }
        let (attached, alone) = (try exact.gold(of: on), try exact.gold(of: off))
        return [
            Reading("withdrawal.on", attached, standardError: 0), Reading("withdrawal.off", alone, standardError: 0),
            Reading("withdrawal.gap", attached - alone, standardError: 0),
        ]
    }

    /// Over samples of held-out prompts, paired by prompt, where responses cannot be listed.
    ///
    /// Off: the mean gold of a prompt's samples. On: the same of samples with the hint; with a verifier the unbiased estimate of the best
    /// of n from all samples of the prompt, of which there are at least n.
    ///
    /// - Parameter gold: of the held-out samples that were read already.
    func sampledWithdrawal(
        _ prompts: [(index: Int, prompt: WorldPrompt)], gold: [[Double]], at step: Int
    ) async throws(Diagnostic) -> [Reading] {
        guard exact == nil, !parts.pieces.isEmpty else { return [] }
        let size = parts.pieces.verifierSize ?? 1
        let samples = max(size, parts.meters.heldOutSamples)
        var off = gold
        if samples > parts.meters.heldOutSamples { off = try await self.gold(of: prompts, samples: samples, at: step) }
        var on = off
        if let hint = parts.pieces.hint {
            let hinted = prompts.map { index, prompt in
                var prompt = prompt
                prompt.hinted = hint.heldOut[index]
                return (index: index, prompt: prompt)
            }
            on = try await self.gold(of: hinted, samples: samples, at: step)
        }
        var values: (on: [Double], off: [Double]) = ([], [])
        for (on, off) in zip(on, off) {
            values.on.append(try unbiasedBestOfN(rewards: on, golds: on, n: size))
            values.off.append(off.reduce(0, +) / Double(off.count))
        }
        let gaps = zip(values.on, values.off).map { $0 - $1 }
        return [
            try reading("withdrawal.on", values.on), try reading("withdrawal.off", values.off),
            try reading("withdrawal.gap", gaps),
        ]
    }

    private func gold(
        of prompts: [(index: Int, prompt: WorldPrompt)], samples: Int, at step: Int
    ) async throws(Diagnostic) -> [[Double]] {
        var gold: [[Double]] = []
        for group in try heldOutSamples(of: prompts, size: samples, at: step) {
            gold.append(try await parts.world.gold(group.responses, to: group.prompt))
        }
        return gold
    }

    private func reading(_ name: String, _ values: [Double]) throws(Diagnostic) -> Reading {
        let mean = try studentMean(values)
        return Reading(name, mean.point, standardError: mean.standardError, n: values.count)
    }
}

extension ExactReader {
    fileprivate func distributions(
        of decoder: Decoder, prompts: [[Int32]]? = nil
    ) throws(Diagnostic) -> [EnumeratedDistribution] {
        let policy = try enumerator.read(decoder, prompts: prompts ?? enumerator.prompts.map(\.tokens))
        var distributions: [EnumeratedDistribution] = []
        for row in policy.logProbabilities { distributions.append(try EnumeratedDistribution(logProbabilities: row)) }
        return distributions
    }

    fileprivate func bestByGold(
        _ policy: [EnumeratedDistribution], size: Int
    ) throws(Diagnostic) -> [EnumeratedDistribution] {
        var chosen: [EnumeratedDistribution] = []
        for (prompt, own) in policy.enumerated() {
            chosen.append(try own.bestOfN(size, rewards: enumeration.gold[prompt]))
        }
        return chosen
    }
}
