import RealModule

/// Loader's saddle-point terms, with which binomial and Poisson masses keep their relative precision where differences of
/// log-gammas lose it.
///
/// Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000. All hold for real arguments.
enum SaddlePoint {
    /// δ(n) = log Γ(n+1) − (n + ½) log n + n − ½ log 2π, for n > 0 (Stirling's series, DLMF 5.11.1, from n = 16).
    static func stirlingError(_ n: Double) -> Double {
        guard n >= 16 else {
            return Double.logGamma(n + 1) - (n + 0.5) * Double.log(n) + n - 0.5 * Double.log(2 * Double.pi)
        }
        let square = 1 / (n * n)
        let tail = 1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360_360))
        return (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * tail))) / n
    }

    /// D(x, μ) = x log(x/μ) + μ − x, without cancellation near x = μ, where x − μ is given for its precision.
    static func deviance(_ x: Double, _ mean: Double, difference: Double) -> Double {
        guard difference.magnitude < 0.1 * (x + mean) else { return x * Double.log(x / mean) - difference }
        let v = difference / (x + mean)
        var sum = difference * v
        var term = 2 * x * v
        for j in 1..<1000 {
            term *= v * v
            let next = sum + term / Double(2 * j + 1)
            if next == sum { break }
            sum = next
        }
        return sum
    }

    /// Γ(a+b+1)/(Γ(a+1)Γ(b+1)) pᵃ qᵇ for real a, b ≥ 0, where q = 1 − p is given for its precision.
    static func binomial(_ a: Double, _ b: Double, p: Double, q: Double) -> Double {
        if p <= 0 { return a == 0 ? 1 : 0 }
        if q <= 0 { return b == 0 ? 1 : 0 }
        let n = a + b
        if a == 0 { return Double.exp(n * (p < q ? Double.log(onePlus: -p) : Double.log(q))) }
        if b == 0 { return Double.exp(n * (q < p ? Double.log(onePlus: -q) : Double.log(p))) }
        // a − np from the smaller of p and q, where the product is rounded least.
        let difference = p < q ? a - n * p : n * q - b
        let deviances = deviance(a, n * p, difference: difference) + deviance(b, n * q, difference: -difference)
        let errors = stirlingError(n) - stirlingError(a) - stirlingError(b)
        return Double.exp(errors - deviances) * (n / (2 * Double.pi * a * b)).squareRoot()
    }

    /// μˣ e^(−μ) / Γ(x+1) for real x > 0.
    static func poisson(_ x: Double, mean: Double) -> Double {
        guard mean > 0 else { return 0 }
        return Double.exp(-stirlingError(x) - deviance(x, mean, difference: x - mean))
            / (2 * Double.pi * x).squareRoot()
    }
}
