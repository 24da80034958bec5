/// Which consecutive groups are scored in one pass: a pure function of their sizes and the limits, so that a run cut short
/// and resumed has the same batches.
struct BatchPlan: Sendable, Hashable {
    /// Groups in a batch at most, so that rewards without tokens are written as they are done too.
    static let maximumGroups = 256

    let batches: [Range<Int>]

    /// - Parameters:
    ///   - tokens: tokens to compute, a group.
    ///   - limit: tokens of a batch at most, unless its only group has more.
    init(tokens: [Int], limit: Int, maximumGroups: Int = maximumGroups) {
        var batches: [Range<Int>] = []
        var start = 0
        var sum = 0
        for (index, count) in tokens.enumerated() {
            if index > start, sum + count > limit || index - start == maximumGroups {
                batches.append(start..<index)
                start = index
                sum = 0
            }
            sum += count
        }
        if start < tokens.count { batches.append(start..<tokens.count) }
        self.batches = batches
    }
}
