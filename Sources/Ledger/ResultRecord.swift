public import JSON

/// One number of a bench's table: a level, or the contrast of one reward with another.
///
/// What is not known is `nil`, never zero; a NaN is stored as `nil`.
public struct ResultRecord: Sendable, Hashable {
    /// Which of the run's rewards, counted from 0; `nil` where the number belongs to none.
    public var reward: Int?
    /// The reward that a contrast subtracts; `nil` for a level.
    public var reference: Int?
    public var subset: String
    public var metric: String
    public var point: Double?
    /// The interval's ends.
    public var lower: Double?
    public var upper: Double?
    /// The interval's confidence level, such as 0.95.
    public var level: Double?
    /// How the interval was made.
    public var method: String
    public var n: Int?
    public var comparisons: Int?
    public var clusters: Int?
    public var ties: Int?
    public var truncated: Int?
    public var pValue: Double?
    /// The test that gave the p value.
    public var test: String?
    /// What else belongs to the number.
    public var details: JSONValue

    public init(
        reward: Int? = nil, reference: Int? = nil, subset: String = "", metric: String, point: Double? = nil,
        lower: Double? = nil, upper: Double? = nil, level: Double? = nil, method: String = "", n: Int? = nil,
        comparisons: Int? = nil, clusters: Int? = nil, ties: Int? = nil, truncated: Int? = nil, pValue: Double? = nil,
        test: String? = nil, details: JSONValue = [:]
    ) {
        self.reward = reward
        self.reference = reference
        self.subset = subset
        self.metric = metric
        self.point = point
        self.lower = lower
        self.upper = upper
        self.level = level
        self.method = method
        self.n = n
        self.comparisons = comparisons
        self.clusters = clusters
        self.ties = ties
        self.truncated = truncated
        self.pValue = pValue
        self.test = test
        self.details = details
    }
}
