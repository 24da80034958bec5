/// The distribution of a sum under random signs, by whichever way is exact and affordable.
struct SignFlips {
    /// |d| of the differences that are not zero.
    private let magnitudes: [Double]
    /// The sum that flips must reach to count, on the side of the alternative (both sides alike: by symmetry the upper one).
    private let threshold: Double
    private let isTwoSided: Bool

    init(_ differences: [Double], alternative: Alternative) {
        magnitudes = differences.filter { $0 != 0 }.map(\.magnitude)
        let sum = differences.reduce(0, +)
        let observed =
            switch alternative {
            case .twoSided: sum.magnitude
            case .greater: sum
            case .less: -sum
            }
        threshold = observed - 1e-11 * magnitudes.reduce(0, +)
        isTwoSided = alternative == .twoSided
    }

    func pValue(replicates: Int, stream: RandomStream) -> (Double, String) {
        if magnitudes.isEmpty { return (1, "all differences are 0") }
        if isTwoSided, threshold <= 0 { return (1, "the differences sum to 0") }
        if let lattice = lattice { return (side(lattice.upperTail(from: threshold)), "exact by convolution") }
        if magnitudes.count <= 40 { return (side(enumeratedTail()), "exact by enumeration") }
        return (monteCarlo(replicates, stream), "Monte Carlo, \(replicates) replicates")
    }

    private func side(_ tail: Double) -> Double { isTwoSided ? min(1, 2 * tail) : min(1, tail) }

    private var lattice: SignFlipLattice? { SignFlipLattice(magnitudes) }

    /// The share of all 2ⁿ sums at or above the threshold: all sums of two halves, sorted, met in the middle (Horowitz and
    /// Sahni, J. ACM 21, 1974).
    private func enumeratedTail() -> Double {
        let half = magnitudes.count / 2
        let first = SignFlips.sortedSums(magnitudes[..<half])
        let second = SignFlips.sortedSums(magnitudes[half...])
        var count = 0
        var start = second.count
        for value in first {
            while start > 0, value + second[start - 1] >= threshold { start -= 1 }
            count += second.count - start
        }
        return Double(count) / (Double(first.count) * Double(second.count))
    }

    /// All signed sums, ascending: each value turns the sorted sums into two sorted lists, which are merged.
    private static func sortedSums(_ values: ArraySlice<Double>) -> [Double] {
        var sums = [0.0]
        for value in values {
            var merged = [Double]()
            merged.reserveCapacity(2 * sums.count)
            var low = 0
            for sum in sums {
                let raised = sum + value
                while low < sums.count, sums[low] - value <= raised {
                    merged.append(sums[low] - value)
                    low += 1
                }
                // Values are positive, so the lowered list never runs behind the raised one.
                merged.append(raised)
            }
            sums = merged
        }
        return sums
    }

    private func monteCarlo(_ replicates: Int, _ stream: RandomStream) -> Double {
        var stream = stream
        var hits = 0
        for _ in 0..<replicates {
            let sum = flippedSum(&stream)
            if (isTwoSided ? sum.magnitude : sum) >= threshold { hits += 1 }
        }
        return Double(hits + 1) / Double(replicates + 1)
    }

    private func flippedSum(_ stream: inout RandomStream) -> Double {
        var bits: UInt64 = 0
        var sum = 0.0
        for (index, magnitude) in magnitudes.enumerated() {
            if index % 64 == 0 { bits = stream.next() }
            sum += bits & 1 == 0 ? magnitude : -magnitude
            bits >>= 1
        }
        return sum
    }
}
