/// Differences that are whole multiples of one unit, so that the distribution of their signed sum is a short list of masses.
///
/// Pagano and Tritchler, "On obtaining permutation distributions in polynomial time", JASA 78, 1983.
struct SignFlipLattice {
    private let units: [Int]
    private let total: Int
    private let unit: Double

    /// Shares of up to 60 comparisons, and common multiples of small ones.
    private static let denominators = Array(1...60) + [72, 84, 90, 120, 180, 360, 420, 840, 2520]
    /// Steps of the convolution that are still quick.
    private static let affordable = 5e7

    /// - Returns: `nil` where no common fraction is found, or the convolution would take too long.
    init?(_ magnitudes: [Double]) {
        let sum = magnitudes.reduce(0, +)
        for denominator in SignFlipLattice.denominators {
            let scale = Double(denominator)
            guard magnitudes.allSatisfy({ ($0 * scale - ($0 * scale).rounded()).magnitude < 1e-9 }) else { continue }
            guard sum * scale < 1e15 else { return nil }
            let whole = magnitudes.map { Int(($0 * scale).rounded()) }
            let divisor = whole.reduce(0, SignFlipLattice.greatestCommonDivisor)
            guard divisor > 0, sum * scale / Double(divisor) * Double(whole.count) <= SignFlipLattice.affordable else {
                return nil
            }
            units = whole.map { $0 / divisor }
            total = units.reduce(0, +)
            unit = Double(divisor) / scale
            return
        }
        return nil
    }

    /// P(signed sum ≥ threshold). The signed sum is 2·(sum of those kept positive) − total.
    func upperTail(from threshold: Double) -> Double {
        let masses = subsetSums()
        let first = ((threshold / unit + Double(total)) / 2 - 1e-4).rounded(.up)
        guard first > 0 else { return 1 }
        guard first <= Double(total) else { return 0 }
        // From the far end, so that small masses are not lost.
        return masses[Int(first)...].reversed().reduce(0, +)
    }

    /// The distribution of the sum of a random subset.
    private func subsetSums() -> [Double] {
        var masses = [Double](repeating: 0, count: total + 1)
        masses[0] = 1
        var reach = 0
        masses.withUnsafeMutableBufferPointer { masses in
            for value in units {
                reach += value
                var place = reach
                while place >= value {
                    masses[place] = 0.5 * (masses[place] + masses[place - value])
                    place -= 1
                }
                while place >= 0 {
                    masses[place] *= 0.5
                    place -= 1
                }
            }
        }
        return masses
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
