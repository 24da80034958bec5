import Diagnostics

/// How much of a batch's gradient is signal, from the squared norms of gradients over a small and a big batch.
///
/// A gradient over B samples has E|G_B|² = |G|² + tr Σ/B, so two batch sizes give both parts, each without bias (McCandlish,
/// Kaplan, Amodei et al., "An empirical model of large-batch training", 2018, eqs. A.2 and A.3). Both are noisy and may come
/// out negative in one step: average over steps first (``pooled(_:)``), take ratios after.
public struct GradientNoise: Sendable, Hashable {
    /// |G|², the squared norm of the true gradient.
    public var signal: Double
    /// tr Σ, the variance of one sample's gradient, summed over the weights.
    public var noise: Double
    /// How many samples the gradient rests on that is used for a step.
    public var batch: Int

    /// - Parameters:
    ///   - smallSquaredNorm: |G_small|², averaged over the small batches.
    ///   - bigSquaredNorm: |G_big|².
    /// - Throws: `badData` for a norm that is not finite or negative, or batches that are not 1 ≤ small < big.
    public init(
        smallSquaredNorm: Double, smallBatch: Int, bigSquaredNorm: Double, bigBatch: Int
    ) throws(Diagnostic) {
        try Requirement.finite([smallSquaredNorm, bigSquaredNorm], "squaredNorms")
        try Requirement.that(
            smallSquaredNorm >= 0 && bigSquaredNorm >= 0, "a squared norm is negative", field: "squaredNorms")
        try Requirement.that(
            smallBatch >= 1 && smallBatch < bigBatch, "batches of \(smallBatch) and \(bigBatch) tell nothing apart",
            field: "batches")
        let (small, big) = (Double(smallBatch), Double(bigBatch))
        signal = (big * bigSquaredNorm - small * smallSquaredNorm) / (big - small)
        noise = (smallSquaredNorm - bigSquaredNorm) / (1 / small - 1 / big)
        batch = bigBatch
    }

    /// From the gradients of a batch's two halves: the big gradient is their mean.
    ///
    /// - Parameters:
    ///   - halves: |G₁|² and |G₂|².
    ///   - whole: |(G₁ + G₂)/2|².
    ///   - batch: how many samples both halves have together, even.
    /// - Throws: `badData` as above, or for an odd batch.
    public init(halves: (Double, Double), whole: Double, batch: Int) throws(Diagnostic) {
        try Requirement.that(batch.isMultiple(of: 2), "a batch of \(batch) has no two halves", field: "batch")
        try self.init(
            smallSquaredNorm: (halves.0 + halves.1) / 2, smallBatch: batch / 2, bigSquaredNorm: whole, bigBatch: batch)
    }

    /// tr Σ/|G|², in samples: at that batch size signal and noise are equal (eq. 2.9). `nil` where either part is not above 0,
    /// which one noisy step can give.
    public var noiseScale: Double? { signal > 0 && noise > 0 ? noise / signal : nil }

    /// |G|²/(tr Σ/B) of the batch that is used; `nil` as for ``noiseScale``.
    public var signalToNoise: Double? { noiseScale.map { Double(batch) / $0 } }

    /// The mean of both parts over steps of one batch size.
    ///
    /// - Throws: `badData` for no steps, or batches of different size.
    public static func pooled(_ steps: [GradientNoise]) throws(Diagnostic) -> GradientNoise {
        guard var pooled = steps.first else {
            throw Diagnostic(.badData, "there are no steps to pool", at: .init(field: "steps"))
        }
        try Requirement.that(
            steps.allSatisfy { $0.batch == pooled.batch }, "steps have batches of different size", field: "steps")
        pooled.signal = steps.reduce(0) { $0 + $1.signal } / Double(steps.count)
        pooled.noise = steps.reduce(0) { $0 + $1.noise } / Double(steps.count)
        return pooled
    }
}
