import Diagnostics

extension Array {
    /// The elements in order, those that are equal in the order in which they were.
    ///
    /// The standard library's sort takes no predicate of typed errors, and promises no stability. This merges runs from
    /// the bottom up.
    func sorted(
        _ budget: TemplateBudget, by isLess: (Element, Element) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) -> [Element] {
        var elements = self
        var width = 1
        while width < count {
            try budget.spend(steps: count)
            elements = try elements.mergingRuns(of: width, by: isLess)
            width *= 2
        }
        return elements
    }

    private func mergingRuns(
        of width: Int, by isLess: (Element, Element) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) -> [Element] {
        var merged: [Element] = []
        merged.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: 2 * width) {
            let middle = Swift.min(start + width, count)
            try append(start..<middle, middle..<Swift.min(middle + width, count), to: &merged, by: isLess)
        }
        return merged
    }

    private func append(
        _ left: Range<Int>, _ right: Range<Int>, to merged: inout [Element],
        by isLess: (Element, Element) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) {
        var (i, j) = (left.lowerBound, right.lowerBound)
        while i < left.upperBound, j < right.upperBound {
            if try isLess(self[j], self[i]) {
                merged.append(self[j])
                j += 1
            } else {
                merged.append(self[i])
                i += 1
            }
        }
        merged += self[i..<left.upperBound]
        merged += self[j..<right.upperBound]
    }
}
