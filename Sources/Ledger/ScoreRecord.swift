/// What one reward said of one row, or why it could not.
public struct ScoreRecord: Sendable, Hashable {
    /// Which of the run's rewards, counted from 0.
    public var reward: Int
    /// Which row of the input, counted from 0.
    public var row: Int
    /// The row's own name.
    public var rowID: String
    /// One score a response; empty where the row failed. Doubles come back with the bits with which they went in.
    public var scores: [Double]
    /// Tokens scored, a response.
    public var tokens: [Int]
    public var truncated: [Bool]
    /// The rewards of a response's tokens, where they were asked for.
    public var perToken: [[Double]]?
    /// Why the row could not be scored.
    public var failure: String?

    public init(
        reward: Int, row: Int, rowID: String, scores: [Double], tokens: [Int], truncated: [Bool],
        perToken: [[Double]]? = nil, failure: String? = nil
    ) {
        self.reward = reward
        self.row = row
        self.rowID = rowID
        self.scores = scores
        self.tokens = tokens
        self.truncated = truncated
        self.perToken = perToken
        self.failure = failure
    }
}
