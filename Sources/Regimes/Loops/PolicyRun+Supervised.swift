import Diagnostics
import Experiment
import LanguageModel
import Torch
import Training

extension PolicyRun {
    /// Filter, then train: the best share of each group by the reward becomes demonstrations (Dong et al. 2023, RAFT).
    func rejection(_ step: Int, _ regime: RegimeSettings) async throws(Diagnostic) -> [Reading] {
        let groups = try await groups(at: step, regime)
        let kept = groups.map { Self.best(of: $0, share: regime.kept) }
        let drawn = try drawnNumbers(groups, regime, at: step)
        let (loss, norm, noise) = try train(on: kept, step, regime)
        guard parts.meters.reads(parts.meters.every, at: step, last: .max) else { return [] }
        var readings = try await batchReadings(groups, drawn)
        readings += [Reading("gradient.norm", norm), Reading("loss", loss)]
        return readings + noise + cost.readings()
    }

    /// The best rewarded responses, at least one, the first of equals.
    private static func best(of group: ScoredGroup, share: Double) -> Group.Sampled {
        let count = max(1, Int((share * Double(group.rewards.count)).rounded()))
        let order = group.rewards.indices.sorted { (-group.rewards[$0], $0) < (-group.rewards[$1], $1) }
        var kept = group.sampled
        kept.responses = order.prefix(count).map { group.sampled.responses[$0] }
        return kept
    }

    /// Trains on the world's demonstrations.
    func supervised(_ step: Int, _ regime: RegimeSettings) throws(Diagnostic) -> [Reading] {
        var groups: [Group.Sampled] = []
        for (place, prompt) in prompts(at: step, regime).enumerated() {
            var stream = parts.streams.stream("demonstrations", step: step, item: place)
            guard let response = try parts.world.demonstration(of: prompt.prompt, &stream) else {
                throw Diagnostic(
                    .usage, "the prompt '\(prompt.prompt.id)' has no demonstration to train on",
                    at: .init(field: "regime.kind"), remedy: "Give rows an answer, or use a regime that samples")
            }
            groups.append(
                Group.Sampled(promptIndex: prompt.index, prompt: prompt.prompt, step: step, responses: [response]))
        }
        let (loss, norm, noise) = try train(on: groups, step, regime)
        guard parts.meters.reads(parts.meters.every, at: step, last: .max) else { return [] }
        return [Reading("loss", loss), Reading("gradient.norm", norm)] + noise + cost.readings()
    }

    /// One supervised update on responses, every token the same weight.
    private func train(
        on groups: [Group.Sampled], _ step: Int, _ regime: RegimeSettings
    ) throws(Diagnostic) -> (loss: Double, norm: Double, noise: [Reading]) {
        let batch = TrainingBatch(groups, grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        let tokens = Double(max(batch.tokenCount, 1))
        var loss = 0.0
        let noise = try gradientNoise(batch, at: step) { (range, numbers) in
            SupervisedObjective.evaluate(numbers, weights: Array(repeating: 1, count: range.count), normalizer: tokens)
                .slopes
        }
        cost.trained(
            try parts.policy.accumulate(batch.sequences, parts: batch.parts) { (range, numbers) in
                let read = SupervisedObjective.evaluate(
                    numbers, weights: Array(repeating: 1, count: range.count), normalizer: tokens)
                loss += read.loss
                return read.slopes
            })
        return (loss, try parts.policy.update(updateSettings(step, regime)), noise)
    }
}
