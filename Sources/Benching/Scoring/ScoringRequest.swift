import Rewards

/// What `assay score` is asked to do.
public struct ScoringRequest: Sendable {
    public var reward: RewardSpec
    /// A JSON-lines file of rows.
    public var input: String
    /// Where the output rows go, in input order.
    public var output: String
    /// Whether an output file that is there is written anew.
    public var overwrites = false
    /// Whether rows that cannot be scored are listed instead of ending the run.
    public var skipsBadRows = false
    public var options = ScoringOptions()

    public init(reward: RewardSpec, input: String, output: String) {
        self.reward = reward
        self.input = input
        self.output = output
    }
}
