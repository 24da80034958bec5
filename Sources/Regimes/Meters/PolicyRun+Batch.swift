import Diagnostics
import Experiment
import LanguageModel
import Statistics
import Torch
import Training

/// What a batch shows of the policy that is trained on it.
extension PolicyRun {
    /// Whether a batch is the policy's own draws, so that its KL and entropy are the policy's: not of stale data, not at another
    /// temperature, not what a verifier chose.
    func showsPolicy(_ regime: RegimeSettings, at step: Int) -> Bool {
        let isChosen = parts.pieces.verifier(at: step)?.isReal ?? false
        return regime.source != .stale && regime.temperature == 1 && !isChosen
    }

    /// What is read of all that was drawn, for a regime whose update needs only some of it; nothing where it does not show the policy.
    /// To be asked before the update.
    func drawnNumbers(
        _ groups: [ScoredGroup], _ regime: RegimeSettings, at step: Int
    ) throws(Diagnostic) -> BatchNumbers {
        guard parts.meters.reads(parts.meters.every, at: step, last: .max), showsPolicy(regime, at: step) else {
            return BatchNumbers()
        }
        let batch = TrainingBatch(
            groups.map(\.sampled), grammar: parts.world.grammar, rowsPerPass: parts.rowsPerPass)
        var numbers = BatchNumbers(policy: [], reference: try referenceNumbers(batch))
        for part in batch.parts { numbers.policy? += try noGradNumbers(parts.policy.decoder, batch.sequences[part]) }
        numbers.distributions = try drawnDistributions(batch, regime, at: step)
        return numbers
    }

    /// The distributions along a batch, at steps where exact or held-out meters are read: whole vocabularies cost a pass of both policies.
    func drawnDistributions(
        _ batch: TrainingBatch, _ regime: RegimeSettings, at step: Int
    ) throws(Diagnostic) -> BatchNumbers.Distributions? {
        parts.meters.reads(parts.meters.every, at: step, last: .max) && readsMore(at: step)
            && showsPolicy(regime, at: step) ? try distributions(batch) : nil
    }

    /// Entropy and KL of the policy's next-token distributions along a batch.
    func distributions(_ batch: TrainingBatch) throws(Diagnostic) -> BatchNumbers.Distributions {
        var all: BatchNumbers.Distributions = ([], [])
        for part in batch.parts {
            let read = try parts.policy.decoder.tokenDivergences(batch.sequences[part], from: parts.reference)
            all.entropies += read.entropies
            all.divergences += read.divergences
        }
        return all
    }

    /// Whether exact or held-out meters are read at a step.
    private func readsMore(at step: Int) -> Bool {
        parts.meters.reads(parts.meters.exactEvery, at: step, last: .max)
            || parts.meters.reads(parts.meters.heldOutEvery, at: step, last: .max)
    }

    /// |G|² and tr Σ from the gradient of the batch's first half and of the whole, where exact or held-out meters are read: passes of
    /// their own, whose gradients are cleared, so that the update is the same without them.
    ///
    /// - Parameters:
    ///   - unit: how many sequences are drawn together, as the two of a pair are.
    ///   - slopes: the derivative of the batch's mean loss with respect to each log-probability of some sequences.
    func gradientNoise(
        _ batch: TrainingBatch, unit: Int = 1, at step: Int,
        _ slopes: (Range<Int>, [[Double]]) throws(Diagnostic) -> [[Double]]
    ) throws(Diagnostic) -> [Reading] {
        guard readsMore(at: step) else { return [] }
        let units = batch.sequences.count / unit
        let half = units / 2
        guard half > 0 else { return [] }
        var squares: [Double] = []
        for range in [0..<half * unit, half * unit..<batch.sequences.count] {
            try parts.policy.accumulate(
                batch.sequences, parts: batch.parts.compactMap { $0.overlapping(range) }, slopes: slopes)
            squares.append(try parts.policy.squaredNorm())
        }
        try parts.policy.clearGradient()
        // The objective divides by the whole batch, so the half's own mean gradient is as many times what was accumulated.
        let share = Double(units) / Double(half)
        let noise = try GradientNoise(
            smallSquaredNorm: share * share * squares[0], smallBatch: half, bigSquaredNorm: squares[1], bigBatch: units)
        return [
            Reading("gradient.signal", noise.signal, n: units), Reading("gradient.noise", noise.noise, n: units),
            Reading("gradient.signal-to-noise", noise.signalToNoise, n: units),
        ]
    }
}

/// What models say of the tokens of a batch, [response][token], over all groups in order; what is `nil` was not read.
struct BatchNumbers {
    typealias Distributions = (entropies: [[Double]], divergences: [[Double]])

    var policy: [[Double]]?
    var reference: [[Double]]?
    var distributions: Distributions?
}

extension Range<Int> {
    /// The part within another range; `nil` where there is none.
    fileprivate func overlapping(_ other: Range<Int>) -> Range<Int>? {
        let part = clamped(to: other)
        return part.isEmpty ? nil : part
    }
}
