import Diagnostics

/// Kendall's τ_b = (C − D)/√((n₀ − n₁)(n₀ − n₂)), which discounts ties on either side.
///
/// Kendall, Biometrika 33, 1945; in n log n steps after Knight, JASA 61, 1966.
///
/// - Throws: `badData` for fewer than two pairs, a NaN, or a side that does not vary.
public func kendallTauB(_ first: [Double], _ second: [Double]) throws(Diagnostic) -> Double {
    try requirePairs(first, second)
    let order = first.indices.sorted { (first[$0], second[$0]) < (first[$1], second[$1]) }
    let x = order.map { first[$0] }
    var y = order.map { second[$0] }
    let tiedInBoth = tiedPairs(y.count) { x[$0] == x[$0 - 1] && y[$0] == y[$0 - 1] }
    let tiedInFirst = tiedPairs(x.count) { x[$0] == x[$0 - 1] }
    let discordant = inversions(&y)
    let tiedInSecond = tiedPairs(y.count) { y[$0] == y[$0 - 1] }
    let pairs = Double(x.count) * Double(x.count - 1) / 2
    let difference = pairs - tiedInFirst - tiedInSecond + tiedInBoth - 2 * discordant
    return difference / ((pairs - tiedInFirst).squareRoot() * (pairs - tiedInSecond).squareRoot())
}

/// The number of pairs within runs of equal neighbours.
private func tiedPairs(_ count: Int, equalsPrevious: (Int) -> Bool) -> Double {
    var pairs = 0.0
    var run = 0.0
    for index in 1..<count {
        run = equalsPrevious(index) ? run + 1 : 0
        pairs += run
    }
    return pairs
}

/// Sorts by merging, and counts how many pairs stood in strictly descending order.
private func inversions(_ values: inout [Double]) -> Double {
    var count = 0.0
    var width = 1
    while width < values.count {
        var merged: [Double] = []
        merged.reserveCapacity(values.count)
        for start in stride(from: 0, to: values.count, by: 2 * width) {
            let middle = min(start + width, values.count)
            let end = min(start + 2 * width, values.count)
            count += merge(values[start..<middle], values[middle..<end], into: &merged)
        }
        values = merged
        width *= 2
    }
    return count
}

/// Appends two ascending runs in order.
///
/// - Returns: how many pairs have the larger number in the left run.
private func merge(_ left: ArraySlice<Double>, _ right: ArraySlice<Double>, into merged: inout [Double]) -> Double {
    var left = left
    var count = 0.0
    for value in right {
        let before = left.prefix { $0 <= value }
        merged += before
        left = left.dropFirst(before.count)
        merged.append(value)
        count += Double(left.count)
    }
    merged += left
    return count
}
