import Diagnostics
import Experiment
import LanguageModel
import Rewards
import Statistics
import Torch
import Training

extension PolicyRun {
    /// The prompts of a step, with hints where a piece puts them.
    func prompts(at step: Int, _ regime: RegimeSettings) -> [(index: Int, prompt: WorldPrompt)] {
        let all = parts.world.prompts
        let range = parts.promptRange(at: step)
        let chosen = parts.streams.prompts(step: step, count: regime.promptsPerStep, of: range.count)
        return chosen.enumerated().map { place, offset in
            let index = range.lowerBound + offset
            return (index, hinted(all[index], index: index, step: step, place: place, steps: regime.steps))
        }
    }

    private func hinted(_ prompt: WorldPrompt, index: Int, step: Int, place: Int, steps: Int) -> WorldPrompt {
        var prompt = prompt
        for piece in parts.pieces {
            guard case .hint(let hint) = piece.kind, piece.presence(at: step) != .absent else { continue }
            var stream = parts.streams.stream("hints", step: step, item: place)
            guard stream.uniform() < hint.schedule.share(at: step, of: piece.until ?? steps) else { continue }
            prompt.hinted = (piece.training == .sham ? hint.sham : hint.prompts)[index]
        }
        return prompt
    }

    /// Groups to train on at a step: the policy's own, or the reference's, which were sampled once.
    func groups(at step: Int, _ regime: RegimeSettings) async throws(Diagnostic) -> [ScoredGroup] {
        let prompts = prompts(at: step, regime)
        if regime.source == .stale { return try await stale(prompts, step, regime) }
        let verifier = parts.pieces.verifier(at: step)
        let size = regime.groupSize * (verifier?.size ?? 1)
        let groups = try sample(
            prompts, from: try samplingDecoder(at: step, rows: prompts.count * size), size: size,
            seed: parts.streams.seed("generation", step: step), step: step, temperature: regime.temperature)
        guard let verifier else { return try await parts.reward.scored(groups) }
        return try await parts.reward.scored(try await verified(groups, by: verifier))
    }

    func sample(
        _ prompts: [(index: Int, prompt: WorldPrompt)], from decoder: Decoder, size: Int, seed: UInt64, step: Int,
        temperature: Double
    ) throws(Diagnostic) -> [Group.Sampled] {
        let sampler = PolicySampler(world: parts.world, temperature: temperature)
        let groups = try sampler.sample(prompts, size: size, from: decoder, seed: seed, step: step)
        if decoder !== parts.reference { cost.generated(groups) }
        return groups
    }

    /// Of each run of samples the one that the verifier prefers, the first of equals; a sham takes the first.
    private func verified(
        _ groups: [Group.Sampled], by verifier: (size: Int, isReal: Bool)
    ) async throws(Diagnostic) -> [Group.Sampled] {
        var kept: [Group.Sampled] = []
        for group in groups {
            let runs = stride(from: 0, to: group.responses.count, by: verifier.size)
            let gold =
                verifier.isReal ? try await parts.world.gold(group.responses, to: group.prompt) : []
            var chosen = group
            chosen.responses = runs.map { first in
                guard verifier.isReal else { return group.responses[first] }
                let best = (first..<first + verifier.size).max { (gold[$0], -$0) < (gold[$1], -$1) } ?? first
                return group.responses[best]
            }
            kept.append(chosen)
        }
        return kept
    }

    /// The reference's responses to these prompts, sampled and scored when a prompt first comes up, the same ever after.
    private func stale(
        _ prompts: [(index: Int, prompt: WorldPrompt)], _ step: Int, _ regime: RegimeSettings
    ) async throws(Diagnostic) -> [ScoredGroup] {
        var missing: [(index: Int, prompt: WorldPrompt)] = []
        for prompt in prompts
        where stalePool[prompt.index] == nil && !missing.contains(where: { $0.index == prompt.index }) {
            missing.append(prompt)
        }
        for prompt in missing {
            // A prompt's stale responses depend on the prompt alone, whatever step first asks for them.
            let groups = try sample(
                [prompt], from: parts.reference, size: regime.groupSize,
                seed: parts.streams.seed("stale generation", step: prompt.index), step: 0, temperature: 1)
            if countedStale.insert(prompt.index).inserted { cost.generated(groups) }
            stalePool[prompt.index] = try await parts.reward.scored(groups)[0]
        }
        return prompts.compactMap { stalePool[$0.index] }
    }
}
