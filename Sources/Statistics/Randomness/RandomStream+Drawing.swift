import RealModule

extension RandomStream {
    /// A uniform number in [0, 1) with 53 random bits. One word.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A standard normal number, by inversion of a uniform in the middle of one of 2⁵² cells, so it is finite (|z| < 8.3)
    /// and increases with the word drawn. One word.
    public mutating func normal() -> Double {
        NormalDistribution.standardQuantile((Double(next() >> 12) + 0.5) * 0x1p-52)
    }

    /// A standard Gumbel number: the arg max of logits plus Gumbels is a draw from their softmax. One word.
    public mutating func gumbel() -> Double {
        -Double.log(-Double.log((Double(next() >> 12) + 0.5) * 0x1p-52))
    }

    /// An unbiased integer in 0..<n. Usually one word.
    ///
    /// Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019, algorithm 5.
    ///
    /// - Precondition: `n > 0`.
    public mutating func below(_ n: Int) -> Int {
        precondition(n > 0, "there is no integer below \(n)")
        let bound = UInt64(n)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// The index of a draw with probabilities proportional to `weights`, by inversion of one uniform. One word.
    ///
    /// - Precondition: weights are finite, not negative, and not all zero.
    public mutating func index(weights: [Double]) -> Int {
        let total = weights.reduce(0, +)
        precondition(total > 0 && total.isFinite, "weights must have a positive, finite sum")
        var rest = uniform() * total
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 } ?? 0
    }
}
