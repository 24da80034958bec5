/// Evaluates b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz method.
///
/// Thompson and Barnett, "Coulomb and Bessel functions of complex arguments and order", J. Comput. Phys. 64, 1986.
///
/// - Parameter term: gives (aⱼ, bⱼ) for j = 1, 2, ….
func continuedFraction(leading: Double, term: (Int) -> (a: Double, b: Double)) -> Double {
    let tiny = 1e-300
    var value = leading == 0 ? tiny : leading
    var c = value
    var d = 0.0
    for j in 1..<1_000_000 {
        let (a, b) = term(j)
        d = b + a * d
        if d == 0 { d = tiny }
        c = b + a / c
        if c == 0 { c = tiny }
        d = 1 / d
        value *= c * d
        if (c * d - 1).magnitude < 4e-16 || value.isNaN { break }
    }
    return value
}
