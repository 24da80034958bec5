import Statistics

/// A reward's table on a suite.
public struct SuiteResult: Sendable {
    public var suite: Suite
    /// The tie policy that was used.
    public var ties: TiePolicy
    public var rows: [SuiteRow]

    /// The first row with this metric and subset.
    public func row(_ metric: String, _ subset: String) -> SuiteRow? {
        rows.first { $0.metric == metric && $0.subset == subset }
    }
}

/// One line of a table.
public struct SuiteRow: Sendable, Hashable {
    /// What is measured, such as `accuracy`.
    public var metric: String
    /// The part of the suite, or `overall`.
    public var subset: String
    /// The number with its interval, clustered by prompt; `n` counts what it is a mean of; a row that parts of a
    /// composite share is not counted for each of them.
    public var estimate: Estimate
    /// How many rows of the suite it rests on.
    public var items: Int
    /// How many of its comparisons or picks were tied.
    public var ties: Int
    /// How many of its rows have a response that was cut to the maximum length.
    public var truncated: Int
    /// The same over the rows without truncation; `nil` where no row was cut, or none is left.
    public var untruncated: Estimate?
    /// The subset's share in the composite, where it has one.
    public var weight: Double?
    /// Whether the line is a detail that a table on a terminal leaves out.
    public var isDetail: Bool
}

/// How two rewards differ in one line of the table.
public struct SuiteDifference: Sendable, Hashable {
    public var metric: String
    public var subset: String
    /// The other reward's number less the first one's, over the same rows, with an interval clustered by prompt.
    public var estimate: Estimate
    /// The test of no difference that fits the metric; `nil` where none does and the interval has to speak.
    public var test: TestResult?
    public var isDetail: Bool
}

/// How scores are turned into a table.
public struct EvaluationOptions: Sendable, Hashable {
    /// `nil` takes the source's policy.
    public var ties: TiePolicy?
    /// The intervals' level.
    public var level: Double
    /// Seeds bootstrap and sign-flip tests.
    public var seed: UInt64
    /// Resamples of a bootstrap.
    public var replicates: Int
    /// Random sign flips of a test that cannot be done exactly.
    public var flips: Int

    public init(
        ties: TiePolicy? = nil, level: Double = 0.95, seed: UInt64 = 0, replicates: Int = 2000, flips: Int = 20_000
    ) {
        self.ties = ties
        self.level = level
        self.seed = seed
        self.replicates = replicates
        self.flips = flips
    }
}
