import Diagnostics
import Experiment

extension RewardSpec {
    /// Makes the reward that the spec names for use inside a run; every kind but `recorded` can be.
    ///
    /// - Throws: `usage` where a key or value is wrong, or where the run lacks what the kind needs; what reading a checkpoint
    ///   throws.
    public func makeRunReward(context: RunRewardContext) async throws(Diagnostic) -> any Reward {
        switch kind {
        case .explicit, .implicit, .endogenous, .likelihood, .verdict: return try await context.makeModelReward(self)
        case .rule: return try makeRule()
        case .remote: return try RemoteReward(self)
        case .judge: return try JudgeReward(self)
        case .recorded:
            throw Diagnostic(
                .usage, "recorded scores are of a file's rows, and a run samples responses of its own",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: description))'"),
                remedy: "Use the reward that the scores were recorded from")
        case .mean, .min: return try EnsembleReward(self, of: try await makeMembers(context))
        case .gold: return try GoldReward(self, context)
        case .planted: return try PlantedReward(self, context)
        case .learned: return try await context.makeLearnedReward(self)
        case .vote: return try VoteReward(self)
        case .confidence: return try ConfidenceReward(self)
        case .referenceLikelihood: return try ReferenceLikelihoodReward(self, context)
        case .bonus: return try makeBonus()
        case .sham: return try ShamReward(self, of: try await makeMembers(context), seed: context.seed)
        }
    }

    private func makeMembers(_ context: RunRewardContext) async throws(Diagnostic) -> [any Reward] {
        var rewards: [any Reward] = []
        for member in members { rewards.append(try await member.makeRunReward(context: context)) }
        return rewards
    }

    /// Whether a response's score depends on prompt and response alone: neither on the other responses, nor on the policy that
    /// sampled it, nor on what was scored before. Only such a reward has a table over the responses of an enumerable world.
    public var scoresEachAlone: Bool {
        switch kind {
        case .explicit, .implicit, .endogenous, .likelihood, .verdict, .rule, .recorded, .remote, .gold, .planted,
            .learned,
            .referenceLikelihood:
            true
        case .vote, .confidence, .sham: false
        case .judge: self["mode"] != JudgeReward.Mode.pairwise.rawValue
        case .bonus: source == BonusName.length.rawValue
        case .mean, .min: members.allSatisfy(\.scoresEachAlone)
        }
    }
}

extension Reward {
    /// The reward of every response of an enumerable world, [prompt][response]; only for a reward that scores each response alone
    /// (``RewardSpec/scoresEachAlone``).
    ///
    /// - Parameter step: of a run, where what counts may change in it.
    public func table(
        over enumeration: Enumeration, prompts: [WorldPrompt], step: Int = 0
    ) async throws(Diagnostic) -> [[Double]] {
        let groups = prompts.enumerated().map { index, prompt in
            Group(Group.Sampled(promptIndex: index, prompt: prompt, step: step, responses: enumeration.responses))
        }
        return try await score(groups).map(\.scores)
    }
}
