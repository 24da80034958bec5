/// Both tails of a distribution at a point, the smaller one computed directly so that it keeps its relative precision.
struct Tails {
    var lower: Double
    var upper: Double

    init(lower: Double) {
        self.lower = min(max(lower, 0), 1)
        upper = 1 - self.lower
    }

    init(upper: Double) {
        self.upper = min(max(upper, 0), 1)
        lower = 1 - self.upper
    }

    var swapped: Tails {
        var copy = self
        swap(&copy.lower, &copy.upper)
        return copy
    }
}

/// The regularized incomplete beta function I_x(a, b) and 1 − I_x(a, b), by the continued fraction of Didonato and Morris
/// (Algorithm 708, ACM TOMS 18, 1992; the even part of DLMF 8.17.22), which keeps its precision near the mean; above it
/// I_x(a, b) = 1 − I_{1−x}(b, a). The front factor is a binomial mass (``SaddlePoint``).
///
/// - Parameters:
///   - x: in [0, 1].
///   - y: 1 − x, given for its precision.
func regularizedBeta(_ a: Double, _ b: Double, x: Double, y: Double) -> Tails {
    if x <= 0 { return Tails(lower: 0) }
    if y <= 0 { return Tails(upper: 0) }
    if x > (a + 1) / (a + b + 2) { return lowerBeta(b, a, x: y, y: x).swapped }
    return lowerBeta(a, b, x: x, y: y)
}

private func lowerBeta(_ a: Double, _ b: Double, x: Double, y: Double) -> Tails {
    let front = SaddlePoint.binomial(a, b, p: x, q: y) * a * b / (a + b)
    let excess = a * y - b * x + 1
    let fraction = continuedFraction(leading: a * excess / (a + 1)) { j in
        let m = Double(j)
        let odd = a + 2 * m - 1
        let numerator = (a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x / (odd * odd)
        return (numerator, m + m * (b - m) * x / odd + (a + m) * (excess + m * (2 - x)) / (a + 2 * m + 1))
    }
    return Tails(lower: front / fraction)
}
