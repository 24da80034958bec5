/// The regularized incomplete gamma functions P(a, x) and Q(a, x): the series DLMF 8.7.1 below a + 1, the continued
/// fraction DLMF 8.9.2 above. The front factor is a Poisson mass (``SaddlePoint``).
func regularizedGamma(_ a: Double, _ x: Double) -> Tails {
    if x <= 0 { return Tails(lower: 0) }
    if x == .infinity { return Tails(upper: 0) }
    let front = SaddlePoint.poisson(a, mean: x)
    guard x < a + 1 else {
        let fraction = continuedFraction(leading: x + 1 - a) { j in
            let m = Double(j)
            return (-m * (m - a), x + 2 * m + 1 - a)
        }
        return Tails(upper: front * a / fraction)
    }
    var term = 1.0
    var sum = 1.0
    var n = a
    while term > sum * 1e-17 {
        n += 1
        term *= x / n
        sum += term
    }
    return Tails(lower: front * sum)
}
