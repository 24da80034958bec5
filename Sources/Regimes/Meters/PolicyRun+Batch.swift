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
        if readsMore(at: step) { return try numbers(batch) }
        var numbers = BatchNumbers(policy: [], reference: try referenceNumbers(batch))
        for part in batch.parts { numbers.policy? += try noGradNumbers(parts.policy.decoder, batch.sequences[part]) }
        return numbers
    }

    /// The distributions along a batch, at steps where exact or held-out meters are read: whole vocabularies cost a pass of both policies.
    func drawnDistributions(
        _ batch: TrainingBatch, _ regime: RegimeSettings, at step: Int
    ) throws(Diagnostic) -> BatchNumbers.Distributions? {
        readsMore(at: step) && showsPolicy(regime, at: step) ? try numbers(batch).distributions : nil
    }

    /// All that policy and reference say of a batch.
    func numbers(_ batch: TrainingBatch) throws(Diagnostic) -> BatchNumbers {
        var (policy, reference, distributions) = ([[Double]](), [[Double]](), BatchNumbers.Distributions([], []))
        for part in batch.parts {
            let read = try parts.policy.decoder.compared(with: parts.reference, on: batch.sequences[part])
            policy += read.logProbabilities
            reference += read.others
            distributions.entropies += read.entropies
            distributions.divergences += read.divergences
        }
        return BatchNumbers(policy: policy, reference: reference, distributions: distributions)
    }

    /// Whether the batch is read at a step, and exact or held-out meters are, too.
    private func readsMore(at step: Int) -> Bool {
        let meters = parts.meters
        guard meters.reads(meters.every, at: step, last: .max) else { return false }
        return (exact != nil && meters.reads(meters.exactEvery, at: step, last: .max))
            || (!parts.world.heldOutPrompts.isEmpty && meters.reads(meters.heldOutEvery, at: step, last: .max))
    }

    /// |G|² and tr Σ from the gradient of the batch's first half and of the whole, where exact or held-out meters are read: passes of
    /// their own, whose gradients are cleared, so that the update is the same without them. A sample is a prompt's group, for its
    /// responses share a baseline, or were chosen among each other.
    ///
    /// - Parameter slopes: the derivative of the batch's mean loss with respect to each log-probability of some sequences.
    func gradientNoise(
        _ batch: TrainingBatch, at step: Int, _ slopes: (Range<Int>, [[Double]]) throws(Diagnostic) -> [[Double]]
    ) throws(Diagnostic) -> [Reading] {
        guard readsMore(at: step) else { return [] }
        let groups = Array(Set(batch.groups)).sorted()
        let half = groups.count / 2
        guard half > 0, let cut = batch.groups.firstIndex(where: { $0 >= groups[half] }) else { return [] }
        var squares: [Double] = []
        for range in [0..<cut, cut..<batch.sequences.count] {
            try parts.policy.accumulate(
                batch.sequences, parts: batch.parts.compactMap { $0.overlapping(range) }, slopes: slopes)
            squares.append(try parts.policy.squaredNorm())
        }
        try parts.policy.clearGradient()
        // That a gradient is not finite the update says, as it would without this meter.
        guard squares.allSatisfy(\.isFinite) else { return [] }
        // The objective divides by the whole batch, so the half's own mean gradient is as many times what was accumulated.
        let share = Double(groups.count) / Double(half)
        let noise = try GradientNoise(
            smallSquaredNorm: share * share * squares[0], smallBatch: half, bigSquaredNorm: squares[1],
            bigBatch: groups.count)
        let n = groups.count
        return [
            Reading("gradient.signal", noise.signal, n: n), Reading("gradient.noise", noise.noise, n: n),
            Reading("gradient.signal-to-noise", noise.signalToNoise, n: n),
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
