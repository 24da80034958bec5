import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Statistics
import Text
import Torch
import Training
import Worlds

/// Puts together what a run is made of.
@TensorActor
struct ArmParts {
    let settings: RunSettings
    let world: any World
    let reference: Decoder
    let policy: TrainablePolicy
    let parts: PolicyRun.Parts
    /// What is known before the first step: the reward's accuracy on the reference policy's pairs, and the like.
    let standing: [Reading]

    /// Seconds that rewards which a plan has not trained would take to train.
    let preparation: Double

    /// - Parameters:
    ///   - bases: the folder of base policies and learned rewards that are made, which settings decide; runs of a ledger share it.
    ///   - models: the folder of rewards that are learned from a checkpoint and rows, which may change under their names; the run's own.
    ///   - isPlan: whether the parts are to be timed only: an embedded world's base policy is then drawn, and no reward is trained.
    init(_ settings: RunSettings, seed: Int, bases: String, models: String? = nil, isPlan: Bool = false)
        async throws(Diagnostic)
    {
        self.settings = settings
        if let threads = settings.isEmbedded ? 1 : settings.threads { try TorchLibrary.setThreads(threads) }
        let world = try settings.makeWorld()
        self.world = world
        let base = BasePolicy(world: world, settings: settings.policy)
        let isDrawn = isPlan && settings.isEmbedded && settings.policy.checkpoint == nil
        reference = isDrawn ? try base.drawn() : try base.decoder(in: bases)
        let regime = settings.regimes[0].settings
        policy = try TrainablePolicy(
            reference, trains: settings.policy.trained, optimizer: regime.optimizer,
            computeType: settings.policy.computeType)
        let makers = RewardMakers(
            world: world, reference: reference, settings: settings, seed: UInt64(seed),
            folder: settings.isEmbedded ? bases : models ?? bases, isPlan: isPlan)
        let (reward, preparation) = try await makers.sum()
        self.preparation = preparation
        var parts = PolicyRun.Parts(
            world: world, policy: policy, reference: reference, reward: reward, regime: regime, meters: settings.meters,
            streams: RunStreams(seed: UInt64(seed), variant: settings.streamVariant))
        parts.regimes = settings.regimes
        parts.promptSwaps = try settings.promptRanges(of: world)
        let table = try await makers.table(of: reward)
        parts.rewardTable = table
        for piece in settings.pieces { parts.pieces.append(try piece.make(in: world, seed: seed)) }
        self.parts = parts
        standing = try await makers.standing(table, reward)
    }
}

extension RunSettings {
    /// The world, with the policy's tokenizer where it needs one.
    func makeWorld() throws(Diagnostic) -> any World {
        let tokenizer =
            isEmbedded
            ? nil
            : try policy.checkpoint.map { (path) throws(Diagnostic) in
                try Tokenizer(directory: path)
            }
        return try Worlds.makeWorld(world, path: "run.world", tokenizer: tokenizer, relativeTo: folder)
    }
}

extension RunSettings {
    /// The prompts that are trained on from a step on, as places among the world's.
    ///
    /// - Throws: `usage` for a part that holds no prompt.
    func promptRanges(of world: any World) throws(Diagnostic) -> [(from: Int, range: Range<Int>)] {
        let count = Double(world.prompts.count)
        var ranges: [(from: Int, range: Range<Int>)] = []
        for (from, share) in promptSwaps {
            let (first, last) = (Int((share.lowerBound * count).rounded()), Int((share.upperBound * count).rounded()))
            guard first < last else {
                throw Diagnostic(
                    .usage, "of \(world.prompts.count) prompts, none lie in \(share)",
                    at: .init(field: "run.interventions"), remedy: "Give a wider part")
            }
            ranges.append((from, first..<last))
        }
        return ranges
    }

    /// The style correlation of the pairs that the run's first `learned` reward is trained on, where it names one.
    var styledPairs: Double? {
        get throws(Diagnostic) {
            for term in terms where term.spec.kind == .learned {
                if let correlation = try LearnedSettings(term.spec, seed: 0, in: .listed).styleCorrelation {
                    return correlation
                }
            }
            return nil
        }
    }
}

/// Makes a run's rewards, and what is known of them before the run.
@TensorActor
private struct RewardMakers {
    let world: any World
    let reference: Decoder
    let settings: RunSettings
    let seed: UInt64
    /// Where learned rewards are kept.
    let folder: String
    /// Whether learned rewards are to be made without training, for what they cost.
    let isPlan: Bool

    /// The sum, and the seconds that training its models would take, of a plan.
    func sum() async throws(Diagnostic) -> (RewardSum, preparation: Double) {
        let (context, box) = try context()
        return (try await RewardSum(settings.terms, context: context), box.plannedSeconds)
    }

    private func training() throws(Diagnostic) -> RewardModelBox.Training {
        guard let enumeration = world.enumeration else {
            return .sampled(SampledRewardTraining(world: world, policy: settings.policy, reference: reference))
        }
        return .listed(
            RewardModelTraining(
                world: world, enumeration: enumeration, policy: settings.policy, reference: try distributions()))
    }

    private func context() throws(Diagnostic) -> (RunRewardContext, RewardModelBox) {
        var context = RunRewardContext(world: world, seed: seed)
        context.reference = DecoderScorer(reference)
        if let answering = world as? any AnsweringWorld {
            context.goldAnswer = { (prompt) throws(Diagnostic) in try answering.goldAnswer(to: prompt) }
        }
        let models = ModelRewards(settings: ModelSettings())
        context.makeModelReward = { (spec) async throws(Diagnostic) in try await models.make(spec) }
        let box = RewardModelBox(try training(), isPlan: isPlan)
        let (seed, folder) = (seed, folder)
        context.makeLearnedReward = { (spec) async throws(Diagnostic) in
            try await box.reward(spec, seed: seed, in: folder)
        }
        return (context, box)
    }

    private func distributions() throws(Diagnostic) -> [EnumeratedDistribution] {
        try ReferenceDistributions.read(world, reference)
    }

    /// Every response's reward where the sum scores each alone, at the first step.
    func table(of reward: RewardSum) async throws(Diagnostic) -> [[Double]]? {
        guard let enumeration = world.enumeration, settings.terms.allSatisfy(\.spec.scoresEachAlone) else { return nil }
        return try await reward.table(over: enumeration, prompts: world.prompts)
    }

    func standing(_ table: [[Double]]?, _ reward: RewardSum) async throws(Diagnostic) -> [Reading] {
        guard let table, let enumeration = world.enumeration else {
            guard reward.terms.count == 1, let learned = reward.terms[0].reward as? SampledReward else { return [] }
            return [learned.notes.reading]
        }
        let accuracy = StaticAccuracy(reference: try distributions(), gold: enumeration.gold)
        var readings = [Reading("static.accuracy", accuracy.value(of: table), standardError: 0)]
        if let match = world as? MatchWorld {
            let swap = PromptSwap(world: match, gold: enumeration.gold, table: table, responses: enumeration.responses)
            readings += try swap.readings()
            if let styled = try settings.styledPairs {
                let accuracy = StyledPairAccuracy(world: match, correlation: styled, responses: enumeration.responses)
                readings.append(
                    Reading(
                        "static.test-accuracy", try accuracy.value(of: table), n: StyledPairAccuracy.pairs))
            }
        }
        return readings
    }
}

/// Carries a trainer to the tensor thread, where alone it is used.
@TensorActor
private final class RewardModelBox {
    enum Training {
        case listed(RewardModelTraining)
        case sampled(SampledRewardTraining)
    }

    private let training: Training
    private let isPlan: Bool
    private(set) var plannedSeconds = 0.0

    init(_ training: Training, isPlan: Bool) { (self.training, self.isPlan) = (training, isPlan) }

    func reward(_ spec: RewardSpec, seed: UInt64, in folder: String) async throws(Diagnostic) -> any Reward {
        switch (training, isPlan) {
        case (.listed(let training), false): return try training.reward(spec, seed: seed, in: folder)
        case (.sampled(let training), false): return try await training.reward(spec, seed: seed, in: folder)
        case (.listed(let training), true):
            let planned = try training.planned(spec, seed: seed)
            plannedSeconds += planned.seconds
            return planned.reward
        case (.sampled(let training), true):
            let planned = try await training.planned(spec, seed: seed)
            plannedSeconds += planned.seconds
            return planned.reward
        }
    }
}

enum ReferenceDistributions {
    /// A decoder's distribution over a world's responses, a prompt.
    static func read(_ world: any World, _ decoder: Decoder) throws(Diagnostic) -> [EnumeratedDistribution] {
        guard let policy = try EnumeratedPolicy(of: decoder, in: world) else { return [] }
        var distributions: [EnumeratedDistribution] = []
        for row in policy.logProbabilities { distributions.append(try EnumeratedDistribution(logProbabilities: row)) }
        return distributions
    }
}
