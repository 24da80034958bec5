/// The binomial distribution of the number of successes in `trials`.
public struct BinomialDistribution: Sendable, Hashable {
    public var trials: Int
    public var probability: Double

    /// - Precondition: `trials >= 0` and `probability` in [0, 1].
    public init(trials: Int, probability: Double) {
        precondition(trials >= 0 && (0...1).contains(probability), "not a binomial distribution")
        self.trials = trials
        self.probability = probability
    }

    /// P(X = k) (``SaddlePoint``).
    public func mass(_ k: Int) -> Double {
        guard 0 <= k, k <= trials else { return 0 }
        return SaddlePoint.binomial(Double(k), Double(trials - k), p: probability, q: 1 - probability)
    }

    /// P(X ≤ k) = I_{1−p}(n − k, k + 1) (DLMF 8.17.5).
    public func cumulative(_ k: Int) -> Double { tails(k).lower }

    /// P(X > k), precise in the upper tail.
    public func survival(_ k: Int) -> Double { tails(k).upper }

    /// The smallest k with P(X ≤ k) ≥ p, for p in [0, 1].
    public func quantile(_ p: Double) -> Int {
        var low = 0
        var high = trials
        while low < high {
            let middle = (low + high) / 2
            if cumulative(middle) >= p { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func tails(_ k: Int) -> Tails {
        if k < 0 { return Tails(lower: 0) }
        if k >= trials { return Tails(upper: 0) }
        return regularizedBeta(Double(trials - k), Double(k) + 1, x: 1 - probability, y: probability)
    }
}
