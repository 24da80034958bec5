/// One row of an input file: the group to score, and which of its responses the row calls better.
public struct Row: Sendable {
    public var group: Group
    /// Positions in `group.responses` of what the row gave as `chosen`; empty where the row does not compare.
    public var chosen: [Int]
    /// Positions in `group.responses` of what the row gave as `rejected`; empty where the row does not compare.
    public var rejected: [Int]

    public init(group: Group, chosen: [Int] = [], rejected: [Int] = []) {
        self.group = group
        self.chosen = chosen
        self.rejected = rejected
    }
}
