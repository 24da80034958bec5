import Diagnostics

/// Holm's step-down adjusted p values: rejecting those at most α keeps the chance of any false rejection at most α, under any
/// dependence.
///
/// Holm, Scandinavian J. Statistics 6, 1979: p̃₍ᵢ₎ = max_{j ≤ i} min(1, (m − j + 1) p₍ⱼ₎).
///
/// - Returns: in the order given.
/// - Throws: `badData` where one is not in [0, 1].
public func holmAdjusted(_ pValues: [Double]) throws(Diagnostic) -> [Double] {
    let order = try ascending(pValues)
    var adjusted = pValues
    var largest = 0.0
    for (place, index) in order.enumerated() {
        largest = max(largest, min(1, Double(order.count - place) * pValues[index]))
        adjusted[index] = largest
    }
    return adjusted
}

/// Benjamini and Hochberg's adjusted p values: rejecting those at most q keeps the expected share of false rejections at most
/// q, for independent or positively dependent tests.
///
/// Benjamini and Hochberg, J. Roy. Stat. Soc. B 57, 1995: p̃₍ᵢ₎ = min_{j ≥ i} min(1, m p₍ⱼ₎ / j).
///
/// - Returns: in the order given.
/// - Throws: `badData` where one is not in [0, 1].
public func benjaminiHochbergAdjusted(_ pValues: [Double]) throws(Diagnostic) -> [Double] {
    let order = try ascending(pValues)
    var adjusted = pValues
    var smallest = 1.0
    for (place, index) in order.enumerated().reversed() {
        smallest = min(smallest, Double(order.count) * pValues[index] / Double(place + 1))
        adjusted[index] = smallest
    }
    return adjusted
}

private func ascending(_ pValues: [Double]) throws(Diagnostic) -> [Int] {
    if let index = pValues.firstIndex(where: { !(0...1).contains($0) }) {
        throw Diagnostic(.badData, "\(pValues[index]) is no p value", at: .init(field: "pValues[\(index)]"))
    }
    return pValues.indices.sorted { pValues[$0] < pValues[$1] }
}
