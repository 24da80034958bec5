import Diagnostics
import Experiment

/// What rewards inside a run are made from; each part is asked for only by the kinds that need it.
public struct RunRewardContext: Sendable {
    /// Seeds the rewards that draw; a spec's own `seed` goes before it.
    public var seed: UInt64
    /// The world's gold outcome of responses to a prompt.
    public var gold: @Sendable ([Response], WorldPrompt) async throws(Diagnostic) -> [Double]
    /// The prompts that the enumeration's rows belong to.
    public var prompts: [WorldPrompt]
    public var enumeration: Enumeration?
    /// The tokens that end a response.
    public var endTokens: Set<Int32>
    /// The text of response tokens.
    public var text: @Sendable ([Int32]) throws(Diagnostic) -> String
    /// The tokens of the answer that gold calls right; `nil` where a world has none to show.
    public var goldAnswer: (@Sendable (WorldPrompt) throws(Diagnostic) -> [Int32])?
    /// The reference policy; `nil` where the run has none loaded.
    public var reference: (any SequenceScorer)?
    /// Makes a reward that runs a checkpoint.
    public var makeModelReward: @Sendable (RewardSpec) async throws(Diagnostic) -> any Reward
    /// Trains the reward model of a `learned` spec.
    public var makeLearnedReward: @Sendable (RewardSpec) async throws(Diagnostic) -> any Reward

    /// The context of a world. Models, a reference and gold answers are set by who has them.
    public init(world: any World, seed: UInt64) {
        self.seed = seed
        gold = { (responses, prompt) async throws(Diagnostic) in try await world.gold(responses, to: prompt) }
        prompts = world.prompts
        enumeration = world.enumeration
        endTokens = world.endTokens
        text = { (tokens) throws(Diagnostic) in try world.text(of: tokens) }
        makeModelReward = { (spec) async throws(Diagnostic) in throw Self.lacking("models of their own", spec) }
        makeLearnedReward = { (spec) async throws(Diagnostic) in throw Self.lacking("learned rewards", spec) }
    }

    static func lacking(_ what: String, _ spec: RewardSpec) -> Diagnostic {
        Diagnostic(
            .usage, "this run has no \(what)", at: .init(field: "reward '\(RewardSpec.excerpt(of: spec.description))'"),
            remedy: "Use another reward, or another world or policy")
    }
}
