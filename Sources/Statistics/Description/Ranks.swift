import Diagnostics

/// Ranks from 1, ascending; tied values share the average of theirs (midranks).
///
/// - Throws: `badData` for NaN; infinities have their place.
public func averageRanks(_ values: [Double]) throws(Diagnostic) -> [Double] {
    try Requirement.ordered(values, "values")
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
        start = end
    }
    return ranks
}
