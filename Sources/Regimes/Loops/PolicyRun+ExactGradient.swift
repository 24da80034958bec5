import Diagnostics
import Experiment
import LanguageModel
import RealModule
import Statistics
import Torch
import Training

extension PolicyRun {
    /// Ascent along the exact gradient of J = E_π[r] − c·KL(π‖π_ref), over the step's prompts.
    ///
    /// ∂J/∂ log π(y) = π(y)·(r(y) − c·(log π(y) − log π_ref(y)) − b) for any b, since Σπ is constant; b is the mean, for precision.
    func exactGradient(_ step: Int, _ regime: RegimeSettings) async throws(Diagnostic) -> [Reading] {
        guard let exact, let rewards = try await rewards(at: step) else {
            throw Diagnostic(
                .usage, "the exact gradient needs a reward that scores each response alone",
                at: .init(field: "regime.kind"), remedy: "Use grpo or rloo with this reward")
        }
        let prompts = prompts(at: step, regime)
        let batch = exact.enumerator.batch(prompts.map(\.prompt.read))
        let size = exact.enumeration.responses.count
        let ranges = prompts.indices.map { $0 * size..<($0 + 1) * size }
        let tokens = try parts.policy.accumulate(batch, parts: merged(ranges, size: size)) { (range, numbers) in
            stride(from: range.lowerBound, to: range.upperBound, by: size).flatMap { start in
                let prompt = prompts[start / size].index
                let own = numbers[start - range.lowerBound..<start - range.lowerBound + size]
                return Self.slopes(
                    Array(own), rewards: rewards[prompt], reference: exact.reference[prompt].logProbabilities,
                    coefficient: regime.klCoefficient, prompts: prompts.count)
            }
        }
        cost.trained(tokens)
        let norm = try parts.policy.update(updateSettings(step, regime))
        guard parts.meters.reads(parts.meters.every, at: step, last: .max) else { return [] }
        return [Reading("gradient.norm", norm)] + cost.readings()
    }

    /// As many prompts together as fit a pass.
    func merged(_ ranges: [Range<Int>], size: Int) -> [Range<Int>] {
        let together = max(1, parts.rowsPerPass / max(size, 1))
        return stride(from: 0, to: ranges.count, by: together).map { first in
            ranges[first].lowerBound..<ranges[min(first + together, ranges.count) - 1].upperBound
        }
    }

    private static func slopes(
        _ numbers: [[Double]], rewards: [Double], reference: [Double], coefficient: Double, prompts: Int
    ) -> [[Double]] {
        let logs = numbers.map { $0.reduce(0, +) }
        let values = zip(zip(logs, reference), rewards).map { pair, reward in
            coefficient == 0 ? reward : reward - coefficient * (pair.0 - pair.1)
        }
        let mean = zip(logs, values).reduce(0) { $0 + Double.exp($1.0) * $1.1 }
        return zip(numbers, zip(logs, values)).map { tokens, pair in
            let slope = -Double.exp(pair.0) * (pair.1 - mean) / Double(prompts)
            return Array(repeating: slope, count: tokens.count)
        }
    }
}
