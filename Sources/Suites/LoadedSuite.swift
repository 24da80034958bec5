import Diagnostics
import Experiment

/// A benchmark read from its files: the groups to score, and the rule that turns their scores into a table.
public struct LoadedSuite: Sendable {
    public let suite: Suite
    /// The rows that count, in file order.
    public let items: [SuiteItem]
    /// The rows that do not count, by reason.
    public let excluded: [Exclusion]
    /// The scoring rule, in words for the table's foot.
    public let rule: String
    /// What a reader of the table must know of this data: parts that are missing, how step scores were reduced.
    public let notes: [String]
    /// Whether the file holds the responses' texts. A file of scores alone can only be benched as recorded.
    public let hasResponses: Bool

    let metrics: [Metric]
    /// Each item's cluster as a number.
    let clusters: [Int]

    /// Rows left out for one reason.
    public struct Exclusion: Sendable, Hashable {
        public var reason: String
        public var count: Int
        /// Where the first such row stands.
        public var first: Group.SourceLine
    }

    /// The suite's name.
    public var name: String { suite.rawValue }

    /// The source's own tie policy.
    public var defaultTies: TiePolicy { suite.defaultTies }

    /// The groups to score, parallel to ``items``.
    ///
    /// - Throws: `usage` where the file holds scores but no responses.
    public func groups() throws(Diagnostic) -> [Group] {
        guard hasResponses else {
            throw Diagnostic(
                .usage, "the file holds scores but no responses, so no reward can score it",
                at: .init(file: items.first?.group.source?.file),
                remedy: "Bench the scores that it holds, or give the suite's data with its responses")
        }
        return items.map(\.group)
    }

    /// The scores that the file itself holds, parallel to ``items``; `nil` where it holds none.
    public var recordedScores: [GroupScore]? {
        var scores: [GroupScore] = []
        for item in items {
            guard let recorded = item.recorded else { return nil }
            scores.append(GroupScore(id: item.group.id, scores: recorded))
        }
        return scores
    }
}
