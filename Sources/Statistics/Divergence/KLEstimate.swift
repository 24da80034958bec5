import Diagnostics
import RealModule

/// How a KL divergence is read off samples of the policy. With r = reference/policy at a sampled token:
///
/// Schulman, "Approximating KL divergence", 2020 (joschu.net/blog/kl-approx.html).
public enum KLEstimator: String, Sendable, Hashable, CaseIterable {
    /// −log r: unbiased; single responses may be negative.
    case k1
    /// ½(log r)²: biased, never negative.
    case k2
    /// (r − 1) − log r: unbiased, never negative; heavy-tailed where the reference is far more likely.
    case k3
}

/// KL(policy ‖ reference) in nats per response.
public struct KLEstimate: Sendable, Hashable {
    public var estimator: KLEstimator
    public var estimate: Estimate
    /// Tokens whose log r was cut at the clamp before it was exponentiated (k3 alone); above 0 the estimate is biased downwards.
    public var clampedTokens: Int
}

/// The KL divergence of a policy from its reference, from responses sampled from the policy at temperature 1 without
/// truncation: per-token terms summed over each response, then averaged, with a cluster-robust interval.
///
/// - Parameters:
///   - policy: for each response the log-probabilities of its tokens under the policy.
///   - reference: of the same tokens under the reference.
///   - clusters: each response's prompt; `nil` if responses are independent.
///   - clamp: the largest log r that is exponentiated.
/// - Throws: `badData` for no responses, or a log-probability that is not finite; `usage` for a level outside (0, 1).
public func klDivergence(
    policy: [[Double]], reference: [[Double]], estimator: KLEstimator, clusters: [Int]? = nil, level: Double = 0.95,
    clamp: Double = 20
) throws(Diagnostic) -> KLEstimate {
    try Requirement.sameCount(policy.count, reference.count, "responses under policy and reference")
    var clamped = 0
    var sums: [Double] = []
    for (index, (own, other)) in zip(policy, reference).enumerated() {
        try Requirement.sameCount(own.count, other.count, "tokens under policy and reference")
        try Requirement.finite(own, "policy[\(index)]")
        try Requirement.finite(other, "reference[\(index)]")
        let logRatios = zip(own, other).map { $1 - $0 }
        if estimator == .k3 { clamped += logRatios.count { $0 > clamp } }
        sums.append(logRatios.reduce(0) { $0 + term($1, estimator, clamp) })
    }
    let labels = clusters ?? Array(sums.indices)
    let estimate = try ClusteredSample(sums, clusters: labels, weights: nil, level: level).estimate(range: nil)
    return KLEstimate(estimator: estimator, estimate: estimate, clampedTokens: clamped)
}

private func term(_ logRatio: Double, _ estimator: KLEstimator, _ clamp: Double) -> Double {
    switch estimator {
    case .k1: return -logRatio
    case .k2: return logRatio * logRatio / 2
    case .k3:
        let kept = min(logRatio, clamp)
        return Double.expMinusOne(kept) - kept
    }
}
