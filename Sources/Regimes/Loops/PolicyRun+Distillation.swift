import Diagnostics
import Experiment
import LanguageModel
import Statistics
import Torch
import Training

extension PolicyRun {
    /// One update along −Σ_y teacher(y)·log π(y), exactly, over the step's prompts.
    func distill(_ step: Int, _ regime: RegimeSettings) throws(Diagnostic) -> [Reading] {
        guard let exact else { return [] }
        let prompts = prompts(at: step, regime)
        let batch = exact.enumerator.batch(prompts.map(\.prompt.read))
        let size = exact.enumeration.responses.count
        var weights: [Double] = []
        for prompt in prompts {
            let teacher = try teacher(prompt.index, regime, exact).probabilities
            weights += teacher.map { $0 / Double(prompts.count) }
        }
        var loss = 0.0
        let parts = merged(prompts.indices.map { $0 * size..<($0 + 1) * size }, size: size)
        let tokens = try self.parts.policy.accumulate(batch, parts: parts) { (range, numbers) in
            let read = SupervisedObjective.evaluate(numbers, weights: Array(weights[range]), normalizer: 1)
            loss += read.loss
            return read.slopes
        }
        cost.trained(tokens)
        let norm = try self.parts.policy.update(updateSettings(step, regime))
        guard self.parts.meters.reads(self.parts.meters.every, at: step, last: .max) else { return [] }
        return [Reading("gradient.norm", norm), Reading("loss", loss)] + cost.readings()
    }

    private func teacher(
        _ prompt: Int, _ regime: RegimeSettings, _ exact: ExactReader
    ) throws(Diagnostic) -> EnumeratedDistribution {
        guard regime.teacher == .gold else { return exact.reference[prompt] }
        return try exact.reference[prompt].tilted(by: exact.enumeration.gold[prompt], beta: regime.beta)
    }
}
