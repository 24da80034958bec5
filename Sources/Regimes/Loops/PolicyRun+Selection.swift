import Diagnostics
import Experiment
import Rewards
import Statistics
import Torch

/// Regimes that move no weight: best-of-n and the exact tilt. Their `steps` are the sizes n, or the temperatures β from weak to strong.
extension PolicyRun {
    var selectionSteps: Int {
        let regime = parts.regimes[0].settings
        return regime.kind == .tilt ? Self.tiltSteps : regime.sizes.count
    }

    /// Temperatures of a tilt path; the last is the regime's own β.
    static let tiltSteps = 24

    func runSelection(_ report: (StepReadings) async throws(Diagnostic) -> Void) async throws(Diagnostic) {
        let regime = parts.regimes[0].settings
        if regime.kind == .tilt { return try await runTilt(regime, report) }
        let samples = try await selectionSamples(regime)
        for (step, size) in regime.sizes.enumerated() {
            var readings = [Reading("selection.n", Double(size))]
            readings += try exactBestOfN(size)
            readings += try sampledBestOfN(size, samples)
            readings += [Reading("kl.bound", bestOfNDivergenceBound(size))]
            let gold = ["exact.gold", "gold.mean"].lazy.compactMap { meter in
                readings.first { $0.meter == meter }?.value
            }.first
            // Of each prompt's samples so many are needed.
            let drawn = samples.first?.gold.count ?? size
            readings += cost.readings(ofShare: Double(size) / Double(max(drawn, size)), gold: gold)
            try await report(StepReadings(step: step, readings: readings))
        }
    }

    /// As many samples a prompt as the largest size needs, from the reference.
    private func selectionSamples(_ regime: RegimeSettings) async throws(Diagnostic) -> [(ScoredGroup, gold: [Double])]
    {
        let count = min(max(regime.sizes.last ?? 1, regime.groupSize), 4096)
        let all = parts.world.prompts
        let prompts = parts.streams.prompts(step: 0, count: min(regime.promptsPerStep, all.count), of: all.count)
            .map { (index: $0, prompt: all[$0]) }
        let groups = try sample(
            prompts, from: parts.reference, size: count, seed: parts.streams.seed("generation"), step: 0, temperature: 1
        )
        cost.generated(groups)
        var samples: [(ScoredGroup, gold: [Double])] = []
        for group in try await parts.reward.scored(groups) {
            samples.append((group, try await parts.world.gold(group.sampled.responses, to: group.sampled.prompt)))
        }
        return samples
    }

    private func exactBestOfN(_ size: Int) throws(Diagnostic) -> [Reading] {
        guard let exact, let rewards = parts.rewardTable else { return [] }
        var chosen: [EnumeratedDistribution] = []
        for (prompt, reference) in exact.reference.enumerated() {
            chosen.append(try reference.bestOfN(size, rewards: rewards[prompt]))
        }
        return try exact.readings(of: chosen, rewards: rewards)
    }

    /// The unbiased estimate from all samples of a prompt, its mean over prompts.
    private func sampledBestOfN(_ size: Int, _ samples: [(ScoredGroup, gold: [Double])]) throws(Diagnostic) -> [Reading]
    {
        var golds: [Double] = []
        var rewards: [Double] = []
        for (group, gold) in samples where group.rewards.count >= size {
            golds.append(try unbiasedBestOfN(rewards: group.rewards, golds: gold, n: size))
            rewards.append(try unbiasedBestOfN(rewards: group.rewards, golds: group.rewards, n: size))
        }
        guard golds.count > 1 else { return [] }
        let (gold, reward) = (try studentMean(golds), try studentMean(rewards))
        return [
            Reading("gold.mean", gold.point, standardError: gold.standardError, n: golds.count),
            Reading("reward.mean", reward.point, standardError: reward.standardError, n: rewards.count),
        ]
    }

    private func runTilt(
        _ regime: RegimeSettings, _ report: (StepReadings) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) {
        guard let exact, let rewards = parts.rewardTable else {
            throw Diagnostic(
                .usage, "a tilt needs a reward that scores each response alone", at: .init(field: "regime.kind"),
                remedy: "Use best-of-n or grpo with this reward")
        }
        for step in 0..<Self.tiltSteps {
            let strength = Double(step) / Double(Self.tiltSteps - 1)
            var tilted: [EnumeratedDistribution] = []
            for (prompt, reference) in exact.reference.enumerated() {
                let beta = strength > 0 ? regime.beta / (strength * strength) : .infinity
                tilted.append(try reference.tilted(by: rewards[prompt], beta: beta))
            }
            let readings = [Reading("tilt.strength", strength * strength / regime.beta)]
            try await report(
                StepReadings(step: step, readings: readings + exact.readings(of: tilted, rewards: rewards)))
        }
    }
}
