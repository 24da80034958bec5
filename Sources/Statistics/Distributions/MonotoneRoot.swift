import RealModule

/// The root of an increasing function between two bounds, by Newton steps that fall back to halving whenever a step
/// leaves the bracket or fails to halve the function.
///
/// - Parameters:
///   - lower: where the function is at most 0.
///   - upper: where it is at least 0.
///   - start: a first guess, moved into the bracket.
///   - function: value and slope at a point; the value may be infinite.
func monotoneRoot(
    lower: Double, upper: Double, start: Double, function: (Double) -> (value: Double, slope: Double)
) -> Double {
    var low = lower
    var high = upper
    var x = start > low && start < high ? start : middle(low, high)
    var last = Double.infinity
    for _ in 0..<2000 {
        let (value, slope) = function(x)
        if value == 0 { return x }
        if value < 0 { low = x } else { high = x }
        let step = x - value / slope
        let usable = step > low && step < high && value.magnitude < last / 2
        let next = usable ? step : middle(low, high)
        last = usable ? value.magnitude : .infinity
        if (next - x).magnitude <= 1e-16 * next.magnitude || next == low || next == high { return next }
        x = next
    }
    return x
}

/// The arithmetic middle, or the geometric one where the ends differ in magnitude, so tiny roots are found as fast.
private func middle(_ low: Double, _ high: Double) -> Double {
    if low > 0, high > 4 * low { return (low.squareRoot() * high.squareRoot()) }
    if low == 0, high > 1e-300 { return high > 1e-3 ? high / 2 : high * 1e-3 }
    return low + (high - low) / 2
}
