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
/// k3 is k1 plus Σ(r − 1), whose expectation is exactly 0. Where the policy has moved far, that sum's expectation rests on
/// responses that the policy hardly ever gives; a sample without them reads k3 too low and spreads too little, and k3's own t
/// interval covers 55-90% (docs/TRUENESS.md). But such a sample gives itself away: its mean of Σ(r − 1) lies far from 0 for
/// its own spread. With z that distance in standard errors, the interval goes from k3's own (|z| ≤ 1) linearly to the hull of
/// k3's and k1's (|z| ≥ 3); ``Estimate/standardError`` grows with its farther end.
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
    var estimate = try ClusteredSample(sums, clusters: labels, weights: nil, level: level).estimate(range: nil)
    if estimator == .k3 {
        let plain = zip(policy, reference).map { own, other in zip(own, other).reduce(0) { $0 + $1.0 - $1.1 } }
        estimate = try stretched(estimate, sums: sums, plain: plain, clusters: labels, level: level)
    }
    return KLEstimate(estimator: estimator, estimate: estimate, clampedTokens: clamped)
}

/// k3's estimate with its interval drawn towards k1's, as far as the sample's ratios show that their tail is missing.
private func stretched(
    _ estimate: Estimate, sums: [Double], plain: [Double], clusters: [Int], level: Double
) throws(Diagnostic) -> Estimate {
    func mean(_ values: [Double]) throws(Diagnostic) -> Estimate {
        try ClusteredSample(values, clusters: clusters, weights: nil, level: level).estimate(range: nil)
    }
    let k1 = try mean(plain)
    let excess = try mean(zip(sums, plain).map { $0 - $1 })
    let distance = excess.point == 0 ? 0 : excess.point.magnitude / (excess.standardError ?? 0)
    let share = min(1, max(0, (distance - 1) / 2))
    guard share > 0, estimate.interval.isBounded, k1.interval.isBounded else { return estimate }
    let (own, other) = (estimate.interval, k1.interval)
    var result = estimate
    result.interval = Interval(
        lower: own.lower - share * (own.lower - min(own.lower, other.lower)),
        upper: own.upper + share * (max(own.upper, other.upper) - own.upper), level: level,
        method: "\(own.method), drawn towards k1's", validity: .fixedN)
    let half = max(result.interval.upper - result.point, result.point - result.interval.lower)
    result.standardError = estimate.standardError.map { $0 * half / own.halfWidth }
    return result
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
