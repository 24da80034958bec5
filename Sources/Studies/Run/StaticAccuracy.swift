import Statistics

/// The share of pairs of the reference policy's responses to one prompt that a reward orders as gold does: pairs that differ in gold,
/// prompts counted equally, a tie of the reward counts half. Exact, by enumeration.
struct StaticAccuracy {
    let reference: [EnumeratedDistribution]
    let gold: [[Double]]

    /// - Parameter table: the reward, [prompt][response].
    func value(of table: [[Double]]) -> Double? {
        var sum = 0.0
        var prompts = 0
        for (prompt, policy) in reference.enumerated() {
            guard let share = share(policy.probabilities, gold[prompt], table[prompt]) else { continue }
            sum += share
            prompts += 1
        }
        return prompts > 0 ? sum / Double(prompts) : nil
    }

    private func share(_ weights: [Double], _ gold: [Double], _ reward: [Double]) -> Double? {
        var (right, all) = (0.0, 0.0)
        for first in weights.indices where weights[first] > 0 {
            for second in first + 1..<max(weights.count, first + 1) where gold[first] != gold[second] {
                let weight = weights[first] * weights[second]
                all += weight
                let agreement = (gold[first] - gold[second]) * (reward[first] - reward[second])
                right += agreement > 0 ? weight : agreement == 0 ? weight / 2 : 0
            }
        }
        return all > 0 ? right / all : nil
    }
}
