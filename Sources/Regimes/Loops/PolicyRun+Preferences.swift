import Diagnostics
import Experiment
import LanguageModel
import Torch
import Training

/// DPO (Rafailov et al. 2023): pairs are the best and the worst of a group by the reward, the first of equals; a group whose rewards are
/// all equal gives none.
extension PolicyRun {
    func preferences(_ step: Int, _ regime: RegimeSettings) async throws(Diagnostic) -> [Reading] {
        let groups = try await groups(at: step, regime)
        let pairs = groups.compactMap(Self.pair)
        let batch = TrainingBatch(pairs, grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        let reference = try referenceNumbers(batch).map { $0.reduce(0, +) }
        // The pairs are trained on; all that was drawn shows the policy.
        let drawn = try drawnNumbers(groups, regime, at: step)
        var loss = 0.0
        var margin = 0.0
        var norm = 0.0
        var noise: [Reading] = []
        if !pairs.isEmpty {
            noise = try gradientNoise(batch, at: step) { (range, numbers) in
                Self.slopes(numbers, Array(reference[range]), regime, pairs: pairs.count).slopes
            }
            for _ in 0..<regime.epochs {
                (loss, margin) = (0, 0)
                cost.trained(
                    try parts.policy.accumulate(batch.sequences, parts: batch.parts) { (range, numbers) in
                        let read = Self.slopes(numbers, Array(reference[range]), regime, pairs: pairs.count)
                        loss += read.loss
                        margin += read.margin
                        return read.slopes
                    })
                norm = try parts.policy.update(updateSettings(step, regime))
            }
        }
        guard parts.meters.reads(parts.meters.every, at: step, last: .max) else { return [] }
        var readings = try await batchReadings(groups, drawn)
        readings += [
            Reading("gradient.norm", norm), Reading("loss", pairs.isEmpty ? nil : loss, n: pairs.count),
            Reading("dpo.margin", pairs.isEmpty ? nil : margin, n: pairs.count),
        ]
        return readings + noise + cost.readings()
    }

    /// The best and the worst response.
    private static func pair(_ group: ScoredGroup) -> Group.Sampled? {
        let order = group.rewards.indices
        guard let best = order.max(by: { (group.rewards[$0], -$0) < (group.rewards[$1], -$1) }),
            let worst = order.min(by: { (group.rewards[$0], $0) < (group.rewards[$1], $1) }),
            group.rewards[best] > group.rewards[worst]
        else { return nil }
        var pair = group.sampled
        pair.responses = [group.sampled.responses[best], group.sampled.responses[worst]]
        return pair.responses.contains { $0.tokens.isEmpty } ? nil : pair
    }

    /// Sequences alternate: chosen, rejected.
    private static func slopes(
        _ numbers: [[Double]], _ reference: [Double], _ regime: RegimeSettings, pairs: Int
    ) -> (loss: Double, margin: Double, slopes: [[Double]]) {
        var (loss, margin) = (0.0, 0.0)
        var slopes: [[Double]] = []
        for first in stride(from: 0, to: numbers.count, by: 2) {
            let read = PreferenceObjective.direct(
                policy: (numbers[first].reduce(0, +), numbers[first + 1].reduce(0, +)),
                reference: (reference[first], reference[first + 1]), beta: regime.beta, smoothing: regime.smoothing)
            loss += read.loss / Double(pairs)
            margin += read.margin / Double(pairs)
            slopes.append(Array(repeating: read.slope / Double(pairs), count: numbers[first].count))
            slopes.append(Array(repeating: -read.slope / Double(pairs), count: numbers[first + 1].count))
        }
        return (loss, margin, slopes)
    }
}
