extension RandomStream {
    /// Puts the elements in an order drawn uniformly from all orders (Fisher-Yates from the end).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(last, below(last + 1)) }
    }

    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var copy = elements
        shuffle(&copy)
        return copy
    }

    /// The integers 0..<count in random order.
    public mutating func permutation(_ count: Int) -> [Int] { shuffled(Array(0..<count)) }

    /// `k` distinct integers of 0..<n, in random order, each set equally likely.
    ///
    /// - Precondition: `0 <= k <= n`.
    public mutating func sample(_ k: Int, of n: Int) -> [Int] {
        precondition(0 <= k && k <= n, "cannot draw \(k) of \(n) without replacement")
        var pool = Array(0..<n)
        for place in 0..<k { pool.swapAt(place, place + below(n - place)) }
        return Array(pool.prefix(k))
    }
}
