import Diagnostics
import Experiment
import LanguageModel
import Statistics
import Torch
import Training

/// GRPO (Shao et al. 2024) and RLOO (Ahmadian et al. 2024), on the policy's own samples or on the reference's.
///
/// Departures, each a setting: advantages may be centred only (`advantage`), tokens may count alike (`normalise: tokens`, the default,
/// as in DAPO, Yu et al. 2025), the KL may be taken off the reward (`kl.place: reward`: the whole response's k1). On-policy the first
/// pass over a batch has ratio 1 exactly: its own log-probabilities are the old ones.
extension PolicyRun {
    func policyGradient(_ step: Int, _ regime: RegimeSettings) async throws(Diagnostic) -> [Reading] {
        let groups = try await groups(at: step, regime)
        let batch = TrainingBatch(
            groups.map(\.sampled), grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        let reads = parts.meters.reads(parts.meters.every, at: step, last: .max)
        let needsReference = reads || regime.klCoefficient > 0
        let reference = needsReference ? try referenceNumbers(batch) : nil
        var pass = PolicyGradientPass(batch, groups: groups, regime: regime, reference: reference)
        if regime.source == .stale { pass.old = groups.flatMap { $0.sampled.responses.map(\.logProbabilities) } }
        var norm = 0.0
        let distributions = try drawnDistributions(batch, regime, at: step)
        let noise = try gradientNoise(batch, at: step) { (range, numbers) in
            var own = pass
            return own.slopes(range, numbers)
        }
        for _ in 0..<regime.epochs {
            cost.trained(
                try parts.policy.accumulate(batch.sequences, parts: batch.parts) { (range, numbers) in
                    pass.slopes(range, numbers)
                })
            norm = try parts.policy.update(updateSettings(step, regime))
            pass.closeEpoch()
        }
        guard reads else { return [] }
        let numbers = BatchNumbers(
            policy: showsPolicy(regime, at: step) ? pass.old : nil, reference: reference, distributions: distributions)
        var readings = try await batchReadings(groups, numbers)
        readings += [
            Reading("gradient.norm", norm), Reading("policy.clipped", pass.clippedShare, n: batch.tokenCount),
            Reading("loss", pass.loss, n: batch.sequences.count),
        ]
        return readings + noise + cost.readings()
    }

    func updateSettings(_ step: Int, _ regime: RegimeSettings) -> TrainablePolicy.UpdateSettings {
        .init(learningRate: regime.rate(at: step), gradientClip: regime.gradientClip)
    }

    /// log π_ref of a batch's tokens, part by part.
    func referenceNumbers(_ batch: TrainingBatch) throws(Diagnostic) -> [[Double]] {
        var numbers: [[Double]] = []
        for part in batch.parts { numbers += try noGradNumbers(parts.reference, batch.sequences[part]) }
        return numbers
    }
}

/// The objective's derivatives over one batch.
private struct PolicyGradientPass {
    private let objective: PolicyGradientObjective
    private let advantages: [Double]
    private let weights: [Double]
    private let reference: [[Double]]?
    /// Log-probabilities under the policy that sampled; filled by the first pass on-policy.
    var old: [[Double]]?
    private var seen: [[Double]]
    private(set) var loss = 0.0
    private var clipped = 0
    private var tokens = 0

    init(_ batch: TrainingBatch, groups: [ScoredGroup], regime: RegimeSettings, reference: [[Double]]?) {
        objective = PolicyGradientObjective(
            clip: regime.clip, klCoefficient: regime.klPlace == .loss ? regime.klCoefficient : 0,
            klEstimator: regime.klEstimator)
        self.reference = reference
        advantages = Self.advantages(groups, regime, reference)
        seen = Array(repeating: [], count: batch.sequences.count)
        let lengths = zip(batch.sequences.sequences, batch.sequences.starts).map { Double($0.count - $1) }
        let count = Double(max(lengths.count, 1)), total = max(lengths.reduce(0, +), 1)
        weights = lengths.map { length in
            switch regime.normalizer {
            case .tokens: 1 / total
            case .responses: 1 / count
            case .sequences: 1 / (count * length)
            }
        }
    }

    /// Rewards, less the KL where it sits there, made advantages within each group.
    private static func advantages(
        _ groups: [ScoredGroup], _ regime: RegimeSettings, _ reference: [[Double]]?
    ) -> [Double] {
        var next = 0
        return groups.flatMap { group in
            var rewards: [Double] = []
            var kept: [Bool] = []
            for (response, reward) in zip(group.sampled.responses, group.rewards) {
                kept.append(!response.tokens.isEmpty)
                guard regime.klPlace == .reward, regime.klCoefficient > 0, let reference, !response.tokens.isEmpty
                else {
                    rewards.append(reward)
                    continue
                }
                let kl = response.logProbability - reference[next].reduce(0, +)
                rewards.append(reward - regime.klCoefficient * kl)
                next += 1
            }
            return zip(regime.advantage.values(rewards), kept).filter(\.1).map(\.0)
        }
    }

    mutating func slopes(_ range: Range<Int>, _ numbers: [[Double]]) -> [[Double]] {
        zip(range, numbers).map { index, logProbabilities in
            seen[index] = logProbabilities
            return logProbabilities.indices.map { token in
                let read = objective.token(
                    logProbability: logProbabilities[token], old: old?[index][token] ?? logProbabilities[token],
                    reference: reference?[index][token], advantage: advantages[index])
                loss += weights[index] * read.loss
                clipped += read.isClipped ? 1 : 0
                tokens += 1
                return weights[index] * read.slope
            }
        }
    }

    mutating func closeEpoch() { if old == nil { old = seen } }

    var clippedShare: Double { tokens > 0 ? Double(clipped) / Double(tokens) : 0 }
}
