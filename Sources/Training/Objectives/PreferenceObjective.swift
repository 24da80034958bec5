import RealModule

/// Losses of pairs: the first is preferred to the second.
public enum PreferenceObjective {
    /// Direct preference optimisation (Rafailov et al. 2023, equation 7): −log σ(β·(Δ log π − Δ log π_ref)), a pair.
    ///
    /// - Parameters:
    ///   - policy: log π of the whole chosen and rejected response, in nats.
    ///   - reference: the same under the reference policy.
    ///   - smoothing: the share of labels taken to be wrong (conservative DPO, Mitchell 2023), 0 for none.
    /// - Returns: the loss; its derivative with respect to log π of the chosen response (that of the rejected one is its negative);
    ///   the implicit reward's margin β·(…).
    public static func direct(
        policy: (chosen: Double, rejected: Double), reference: (chosen: Double, rejected: Double), beta: Double,
        smoothing: Double = 0
    ) -> (loss: Double, slope: Double, margin: Double) {
        let margin = beta * ((policy.chosen - reference.chosen) - (policy.rejected - reference.rejected))
        let (loss, slope) = logistic(margin, smoothing: smoothing)
        return (loss, beta * slope, margin)
    }

    /// Bradley and Terry (1952): −log σ(r_chosen − r_rejected), a pair.
    ///
    /// - Returns: the loss and its derivative with respect to the chosen response's score (that of the rejected is its negative).
    public static func bradleyTerry(
        chosen: Double, rejected: Double, smoothing: Double = 0
    ) -> (loss: Double, slope: Double) {
        logistic(chosen - rejected, smoothing: smoothing)
    }

    /// −(1 − ε) log σ(m) − ε log σ(−m) and its derivative with respect to m.
    private static func logistic(_ margin: Double, smoothing: Double) -> (loss: Double, slope: Double) {
        let wrong = 1 / (1 + Double.exp(margin))
        let loss = (1 - smoothing) * softplus(-margin) + smoothing * softplus(margin)
        return (loss, smoothing - wrong)
    }

    /// log(1 + exp(x)) without overflow.
    private static func softplus(_ x: Double) -> Double { max(x, 0) + .log(onePlus: .exp(-x.magnitude)) }
}
