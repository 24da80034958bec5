import Diagnostics
import RealModule

extension EnumeratedDistribution {
    /// What is shown when n independent draws are made and the one with the largest reward is kept, by lot among *draws*
    /// that tie. So within a block of responses of equal reward the choice follows the base probabilities, and the block is
    /// chosen with probability F(r)ⁿ − F(r−)ⁿ, F being the distribution function of the reward.
    ///
    /// Its ``divergence(from:)`` from the base is the exact KL of best-of-n, at most ``bestOfNDivergenceBound(_:)`` (Beirami et
    /// al., "Theoretical guarantees on the best-of-n alignment policy", 2024, lemma 1 and theorem 1).
    ///
    /// - Parameters:
    ///   - n: how many draws, at least 1.
    ///   - rewards: one per response; may be infinite.
    /// - Throws: `badData` for a NaN reward or n below 1.
    public func bestOfN(_ n: Int, rewards: [Double]) throws(Diagnostic) -> EnumeratedDistribution {
        try requireOnePerResponse(rewards, "rewards")
        try Requirement.ordered(rewards, "rewards")
        try Requirement.that(n >= 1, "best of \(n) does not exist", field: "n")
        var picked = logProbabilities
        var below = -Double.infinity
        for block in blocks(of: rewards) {
            let mass = logSumExp(block.map { logProbabilities[$0] })
            guard mass > -.infinity else { continue }
            let gain = BlockGain(mass: mass, below: below, n: n)
            for response in block { picked[response] += gain.logPicked - mass }
            below = gain.upTo
        }
        return try EnumeratedDistribution(logProbabilities: picked)
    }

    /// Responses of equal reward, ascending.
    private func blocks(of rewards: [Double]) -> [[Int]] {
        var blocks: [[Int]] = []
        for response in rewards.indices.sorted(by: { (rewards[$0], $0) < (rewards[$1], $1) }) {
            if let last = blocks.last?.last, rewards[last] == rewards[response] {
                blocks[blocks.count - 1].append(response)
            } else {
                blocks.append([response])
            }
        }
        return blocks
    }
}

/// The logarithms of F(r) and of F(r)ⁿ − F(r−)ⁿ, without the cancellation of the plain difference.
private struct BlockGain {
    let upTo: Double
    let logPicked: Double

    init(mass: Double, below: Double, n: Int) {
        guard below > -.infinity else {
            upTo = mass
            logPicked = Double(n) * mass
            return
        }
        upTo = logSumExp([below, mass])
        // log F(r) − log F(r−) = log(1 + e^gap) and then 1 − (F(r−)/F(r))ⁿ, as logarithms, since both may be far below
        // what a double can tell from 0.
        let gap = mass - below
        let logRise = gap < -40 ? gap : Double.log(gap < 0 ? Double.log(onePlus: Double.exp(gap)) : upTo - below)
        let scaled = Double.log(Double(n)) + logRise
        logPicked = Double(n) * upTo + (scaled < -40 ? scaled : Double.log(-Double.expMinusOne(-Double.exp(scaled))))
    }
}
