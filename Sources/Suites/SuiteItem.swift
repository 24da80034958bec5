import Experiment

/// One row of a suite: the responses to score, and what its rule does with the scores.
public struct SuiteItem: Sendable {
    /// What a reward scores; the responses' order is the order of everything else here.
    public var group: Group
    /// The part of the suite that the row belongs to.
    public var subset: String
    /// The unit of independence: rows of one prompt share it.
    public var cluster: String
    /// The scores that the file itself holds, where it is a scored form.
    public var recorded: [Double]?
    /// Which responses should score higher than which.
    public var comparisons: [Comparison]
    /// How many responses are correct; they stand first.
    public var correctCount: Int
    /// Each response's own ground truth, where the suite has one.
    public var golds: [Double]
    /// The id of the row that this one is measured against: a shifted pair's original, a tied prompt's reference.
    public var counterpart: String?

    init(
        group: Group, subset: String, cluster: String, correctCount: Int, comparisons: [Comparison]? = nil,
        recorded: [Double]? = nil, golds: [Double] = [], counterpart: String? = nil
    ) {
        self.group = group
        self.subset = subset
        self.cluster = cluster
        self.correctCount = correctCount
        self.comparisons =
            comparisons ?? Comparison.all(preferred: 0..<correctCount, others: correctCount..<group.responses.count)
        self.recorded = recorded
        self.golds = golds
        self.counterpart = counterpart
    }
}

/// One comparison of two responses of a row, given by their places.
public struct Comparison: Sendable, Hashable {
    /// The place of the response that should score higher.
    public var preferred: Int
    public var other: Int
    /// RM-Bench: how the two styles stand to each other.
    public var difficulty: Difficulty?

    /// Whether style helps or hinders telling the responses apart (RM-Bench).
    public enum Difficulty: String, Sendable, Hashable, CaseIterable {
        /// The rejected response has the richer style.
        case hard
        /// Both have the same style.
        case normal
        /// The chosen response has the richer style.
        case easy
    }

    init(preferred: Int, other: Int, difficulty: Difficulty? = nil) {
        self.preferred = preferred
        self.other = other
        self.difficulty = difficulty
    }

    /// Every preferred response against every other one.
    static func all(preferred: Range<Int>, others: Range<Int>) -> [Comparison] {
        preferred.flatMap { chosen in others.map { Comparison(preferred: chosen, other: $0) } }
    }
}
