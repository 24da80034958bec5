/// Supervised training: minimise −Σ_i w_i Σ_t log π(y_t) / normaliser.
public enum SupervisedObjective {
    /// The loss of sequences and its derivative with respect to each token's log-probability.
    ///
    /// - Parameters:
    ///   - logProbabilities: [sequence][token], in nats.
    ///   - weights: one a sequence; a probability where a distribution is learned.
    ///   - normalizer: what the sum is divided by, such as the batch's tokens.
    public static func evaluate(
        _ logProbabilities: [[Double]], weights: [Double], normalizer: Double
    ) -> (loss: Double, slopes: [[Double]]) {
        var loss = 0.0
        let slopes = zip(logProbabilities, weights).map { tokens, weight in
            loss -= weight * tokens.reduce(0, +) / normalizer
            return Array(repeating: -weight / normalizer, count: tokens.count)
        }
        return (loss, slopes)
    }
}
