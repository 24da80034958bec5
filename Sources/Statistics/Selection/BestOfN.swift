import Diagnostics
import RealModule

/// The expected gold value of the reward's pick among n responses, unbiased, from N ≥ n samples of one prompt.
///
/// The mean over all n-subsets: with samples sorted ascending by reward, Σ_j C(j, n−1)·gold_j / C(N, n), j from 0 (Nakano et
/// al., "WebGPT", 2021, appendix I; Chen et al., "Evaluating Large Language Models Trained on Code", 2021, for pass@k). A block
/// of tied rewards shares its total weight equally, as a pick by lot among them would. Weights come from the ratio
/// C(j−1, n−1)/C(j, n−1) = (j − n + 1)/j, started at n/N, so no binomial overflows.
///
/// - Parameters:
///   - rewards: one per sample, the ranking; may be infinite.
///   - golds: one per sample, the outcome.
///   - n: how many responses the pick is made among, in 1...N.
/// - Throws: `badData` for a NaN reward, a gold that is not finite, or n outside 1...N.
public func unbiasedBestOfN(rewards: [Double], golds: [Double], n: Int) throws(Diagnostic) -> Double {
    try Requirement.sameCount(rewards.count, golds.count, "rewards and golds")
    try Requirement.ordered(rewards, "rewards")
    try Requirement.finite(golds, "golds")
    try Requirement.that(
        1 <= n && n <= rewards.count, "best of \(n) cannot be estimated from \(rewards.count) samples", field: "n")
    let order = rewards.indices.sorted { rewards[$0] > rewards[$1] }
    var weights = bestOfNWeights(samples: rewards.count, n: n)[...]
    var value = 0.0
    var start = 0
    while start < order.count {
        let block = order[start...].prefix { rewards[$0] == rewards[order[start]] }
        let gold = block.reduce(0) { $0 + golds[$1] } / Double(block.count)
        value += weights.prefix(block.count).reduce(0, +) * gold
        weights = weights.dropFirst(block.count)
        start = block.endIndex
    }
    return value
}

/// C(j, n−1)/C(N, n) from the best rank, j = N − 1, down to j = 0.
private func bestOfNWeights(samples: Int, n: Int) -> [Double] {
    var weight = Double(n) / Double(samples)
    return (0..<samples).reversed().map { j in
        defer { weight *= Double(max(0, j - n + 1)) / Double(max(1, j)) }
        return weight
    }
}

/// log n − (n − 1)/n, in nats: an upper bound on the KL divergence of best-of-n from its base policy, and equal to it where
/// no two responses tie and each has a vanishing probability.
///
/// Stated in Stiennon et al. 2020, appendix G.3; that it is a bound: Beirami et al., "Theoretical guarantees on the best-of-n
/// alignment policy", 2024, theorem 1.
///
/// - Precondition: `n >= 1`.
public func bestOfNDivergenceBound(_ n: Int) -> Double {
    precondition(n >= 1, "best of \(n) does not exist")
    return Double.log(Double(n)) - Double(n - 1) / Double(n)
}
