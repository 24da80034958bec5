import Rewards
import Suites

/// What `assay bench` is asked to do.
public struct BenchRequest: Sendable {
    public var suite: Suite
    /// The suite's file or folder in its published form.
    public var data: String
    /// In order; the others are compared with the first. Where there are none, the scores that the data holds are benched.
    public var rewards: [RewardSpec]
    /// Whether rows of stupid rules are added, which show how much of the suite they win.
    public var includesControls = true
    /// `nil` takes the source's policy.
    public var ties: TiePolicy?
    public var loading = LoadOptions()
    /// Whether rows that a reward cannot score are left out for all of them instead of ending the run.
    public var skipsBadRows = false
    public var options = ScoringOptions()

    public init(suite: Suite, data: String, rewards: [RewardSpec]) {
        self.suite = suite
        self.data = data
        self.rewards = rewards
    }

    /// The control rules that are not among the rewards already.
    var controls: [RewardSpec] {
        guard includesControls else { return [] }
        let rules = [
            RewardSpec(.rule, source: "length"), RewardSpec(.rule, source: "markdown"),
            RewardSpec(.rule, source: "coin").seeded(by: options.seed),
        ]
        return rules.filter { !rewards.contains($0) }
    }
}
