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

/// The regularized incomplete beta function I_x(a, b) and 1 − I_x(a, b), by the continued fraction DLMF 8.17.22, with
/// I_x(a, b) = 1 − I_{1−x}(b, a) above the mean. Its front factor is a binomial mass (``SaddlePoint``).
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
    let front = SaddlePoint.binomial(a, n: a + b, p: x, q: y) * b / (a + b)
    let fraction = continuedFraction(leading: 1) { j in
        let m = Double(j / 2)
        if j % 2 == 1 { return (-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1) }
        return (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1)
    }
    return Tails(lower: front / fraction)
}
