import Diagnostics
import RealModule

extension EnumeratedDistribution {
    /// π·exp(r/β)/Z: the policy that maximises E[r] − β·KL(· ‖ π) (Korbak, Perez and Buckley, "RL with KL penalties is better
    /// viewed as Bayesian inference", 2022, eq. 6).
    ///
    /// - Parameters:
    ///   - rewards: one per response, finite.
    ///   - beta: above 0; infinity leaves the policy as it is.
    /// - Throws: `badData` where a reward is not finite or β is not above 0.
    public func tilted(by rewards: [Double], beta: Double) throws(Diagnostic) -> EnumeratedDistribution {
        try Requirement.that(beta > 0, "a tilt needs β above 0, not \(beta)", field: "beta")
        return try tilted(by: rewards, inverseTemperature: 1 / beta)
    }

    /// The least upper bound of what tilting by these rewards can reach: −log of the probability of the best rewarded, in nats.
    public func largestTiltDivergence(rewards: [Double]) throws(Diagnostic) -> Double {
        try requireOnePerResponse(rewards, "rewards")
        try Requirement.finite(rewards, "rewards")
        let possible = rewards.indices.filter { logProbabilities[$0] > -.infinity }
        let best = possible.reduce(-Double.infinity) { max($0, rewards[$1]) }
        return max(0, -logSumExp(possible.filter { rewards[$0] == best }.map { logProbabilities[$0] }))
    }

    func tilted(by rewards: [Double], inverseTemperature: Double) throws(Diagnostic) -> EnumeratedDistribution {
        try requireOnePerResponse(rewards, "rewards")
        try Requirement.finite(rewards, "rewards")
        // Measured from the best, so that the largest exponent is 0 whatever the temperature.
        let best = rewards.reduce(-Double.infinity, max)
        let tilted = zip(logProbabilities, rewards).map { $0 + ($1 - best) * inverseTemperature }
        return try EnumeratedDistribution(logProbabilities: tilted)
    }

    func variance(of values: [Double]) throws(Diagnostic) -> Double {
        let mean = try expectation(of: values)
        return try expectation(of: values.map { ($0 - mean) * ($0 - mean) })
    }
}

/// The β at which the tilts π·exp(r/β)/Z of several prompts have a given KL divergence from their base on average.
///
/// KL grows with λ = 1/β, its slope is λ·Var(r), and the root is found between 0 and a doubled bound.
///
/// - Parameters:
///   - policies: the base, one per prompt.
///   - rewards: [prompt][response].
///   - divergence: the mean KL wanted, in nats, above 0.
/// - Throws: `badData` where no β reaches it (the message says how far tilting can go), or a reward is not finite.
public func tiltTemperature(
    of policies: [EnumeratedDistribution], rewards: [[Double]], divergence: Double
) throws(Diagnostic) -> Double {
    let tilt = try MeanTilt(policies, rewards)
    try Requirement.that(divergence > 0, "a divergence of \(divergence) nats needs no tilt", field: "divergence")
    try Requirement.that(
        divergence < tilt.supremum,
        "no tilt reaches a divergence of \(divergence) nats: even the limit β → 0 has \(tilt.supremum)",
        field: "divergence")
    var upper = 1 / tilt.spread
    for _ in 0..<200 where try tilt.divergence(upper) < divergence { upper *= 2 }
    var failure: Diagnostic?
    let root = monotoneRoot(lower: 0, upper: upper, start: upper / 2) { lambda in
        do throws(Diagnostic) {
            return (try tilt.divergence(lambda) - divergence, try tilt.slope(lambda))
        } catch {
            failure = error
            return (0, 1)
        }
    }
    if let failure { throw failure }
    return 1 / root
}

/// Tilts of several prompts at one inverse temperature.
private struct MeanTilt {
    private let prompts: [(policy: EnumeratedDistribution, rewards: [Double])]
    /// The mean divergence that no tilt reaches.
    private(set) var supremum = 0.0
    /// The largest range of rewards within a prompt.
    private(set) var spread = 0.0

    init(_ policies: [EnumeratedDistribution], _ rewards: [[Double]]) throws(Diagnostic) {
        try Requirement.sameCount(policies.count, rewards.count, "policies and rewards")
        try Requirement.that(!policies.isEmpty, "there are no prompts", field: "policies")
        prompts = zip(policies, rewards).map { (policy: $0, rewards: $1) }
        for (policy, rewards) in prompts {
            supremum += try policy.largestTiltDivergence(rewards: rewards) / Double(prompts.count)
            let extent = rewards.reduce((Double.infinity, -Double.infinity)) { (min($0.0, $1), max($0.1, $1)) }
            spread = max(spread, extent.1 - extent.0)
        }
    }

    func divergence(_ lambda: Double) throws(Diagnostic) -> Double {
        var sum = 0.0
        for (policy, rewards) in prompts {
            sum += try policy.tilted(by: rewards, inverseTemperature: lambda).divergence(from: policy)
        }
        return sum / Double(prompts.count)
    }

    func slope(_ lambda: Double) throws(Diagnostic) -> Double {
        var sum = 0.0
        for (policy, rewards) in prompts {
            sum += try policy.tilted(by: rewards, inverseTemperature: lambda).variance(of: rewards)
        }
        return lambda * sum / Double(prompts.count)
    }
}
