import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Statistics
import Worlds

/// Says what a run takes, or why it cannot be, without running it.
public enum RunCheck {
    /// - Parameters:
    ///   - folder: what paths in the settings are relative to.
    /// - Throws: `usage` naming the field at fault.
    public static func cost(
        _ value: JSONValue, path: String, folder: String
    ) throws(Diagnostic) -> ArmCost {
        let settings = try RunSettings(value, path: path, folder: folder)
        let world = try settings.makeWorld()
        for (_, regime) in settings.regimes where regime.needsEnumeration && world.enumeration == nil {
            throw Diagnostic(
                .usage, "\(regime.kind.rawValue) needs a world whose responses can be listed, and \(world.kind) cannot",
                at: .init(field: "\(path).regime.kind"),
                remedy: "Use best-of-n, grpo, rloo, dpo, rejection-ft or sft, or the world lookup or match")
        }
        if !settings.isEmbedded, settings.policy.checkpoint == nil {
            throw Diagnostic(
                .usage, "a world of prompts needs a policy that can read them",
                at: .init(field: "\(path).policy.checkpoint"), remedy: "Name a checkpoint folder")
        }
        try checkRefreshes(settings, world)
        try checkPieces(settings, world)
        try checkDemonstrations(settings, world)
        try checkRewards(settings, try planned(settings, world))
        return try cost(settings, world)
    }

    /// They draw groups.
    private static let drawing: Set<RegimeSettings.Kind> = [.grpo, .rloo, .dpo, .rejection]
    private static let refreshing = drawing.union([.exactGradient])

    /// What is trained anew is trained between updates that follow it.
    private static func checkRefreshes(_ settings: RunSettings, _ world: any World) throws(Diagnostic) {
        for term in settings.terms where term.isRefreshed {
            guard world.enumeration != nil else {
                throw Diagnostic(
                    .usage, "'\(term.name)' cannot be trained anew where responses cannot be listed",
                    at: .init(field: term.refreshEvery == nil ? "run.interventions" : "run.reward"),
                    remedy: "Use the worlds lookup or match")
            }
            for (index, entry) in settings.regimes.enumerated() where !refreshing.contains(entry.settings.kind) {
                let next =
                    index + 1 < settings.regimes.count
                    ? settings.regimes[index + 1].from : settings.regimes[0].settings.steps
                let isAsked =
                    !entry.settings.trains || (entry.from..<max(entry.from, next)).contains(where: term.refreshes)
                guard isAsked else { continue }
                throw Diagnostic(
                    .usage,
                    "'\(term.name)' is to be trained anew, which \(entry.settings.kind.rawValue) has no place for",
                    at: .init(field: term.refreshEvery == nil ? "run.interventions" : "run.reward"),
                    remedy: "Use grpo, rloo, dpo, rejection-ft or exact-gradient, or leave the refreshes out")
            }
        }
    }

    /// A verifier chooses among fresh samples; a hint may stand wherever the policy reads prompts anew.
    private static func checkPieces(_ settings: RunSettings, _ world: any World) throws(Diagnostic) {
        let meters = settings.meters
        guard settings.pieces.isEmpty || world.enumeration != nil || meters.heldOutEvery > 0 else {
            throw Diagnostic(
                .usage, "the pieces would never be read on and off: held-out prompts are not read",
                at: .init(field: "run.meters.held-out-every"), remedy: "Read them every so many updates")
        }
        for piece in settings.pieces where piece.training != .absent {
            for entry in settings.regimes where entry.from < piece.until ?? .max {
                try check(piece, entry.settings)
            }
        }
        for piece in settings.pieces { _ = try piece.make(in: world, seed: 0) }
    }

    private static func check(_ piece: PieceSettings, _ regime: RegimeSettings) throws(Diagnostic) {
        let name = piece.kind.rawValue
        guard regime.trains else {
            throw misplaced(name, "\(regime.kind.rawValue) trains nothing", remedy: "Use grpo or rejection-ft")
        }
        guard regime.source != .stale else {
            throw misplaced(name, "stale data are sampled once, before any piece", remedy: "Use data: on-policy")
        }
        guard piece.kind == .hint || drawing.contains(regime.kind) else {
            throw misplaced(
                name, "\(regime.kind.rawValue) draws no samples to choose from",
                remedy: "Use grpo, rloo, dpo or rejection-ft")
        }
    }

    private static func misplaced(_ piece: String, _ reason: String, remedy: String) -> Diagnostic {
        Diagnostic(
            .usage, "a \(piece) has no place in this run: \(reason)", at: .init(field: "run.pieces"), remedy: remedy)
    }

    /// A row whose demonstration is too long is told now, not when a step comes to it.
    private static func checkDemonstrations(_ settings: RunSettings, _ world: any World) throws(Diagnostic) {
        guard !settings.isEmbedded, settings.regimes.contains(where: { $0.settings.kind == .supervised }) else {
            return
        }
        for prompt in world.prompts {
            var stream = RandomStream(seed: 0, purpose: "demonstration check")
            guard try world.demonstration(of: prompt, &stream) == nil else { continue }
            throw Diagnostic(
                .usage, "sft needs a demonstration of every prompt, and '\(prompt.id)' has none",
                at: .init(field: "run.world.demonstration"), remedy: "Name the field that holds them")
        }
    }

    private static func checkRewards(_ settings: RunSettings, _ context: RunRewardContext) throws(Diagnostic) {
        let result = Waiter<Bool>()
        Task.detached {
            do throws(Diagnostic) {
                _ = try await RewardSum(settings.terms, context: context)
                result.give(.success(true))
            } catch { result.give(.failure(error)) }
        }
        _ = try result.wait()
    }

    /// What rewards are made from, as far as it is known before a policy is there: enough to tell a wrong spec.
    private static func planned(_ settings: RunSettings, _ world: any World) throws(Diagnostic) -> RunRewardContext {
        var context = RunRewardContext(world: world, seed: 0)
        context.reference = PlannedScorer()
        if let answering = world as? any AnsweringWorld {
            context.goldAnswer = { (prompt) throws(Diagnostic) in try answering.goldAnswer(to: prompt) }
        }
        let models = ModelRewards(settings: ModelSettings())
        context.makeModelReward = { (spec) async throws(Diagnostic) in try await models.make(spec) }
        let place = LearnedSettings.Place(world, settings.policy)
        context.makeLearnedReward = { (spec) async throws(Diagnostic) in
            let learned = try LearnedSettings(spec, seed: 0, in: place)
            guard learned.styleCorrelation == nil || world is MatchWorld else { throw LearnedSettings.hasNoStyles }
            try learned.check(layers: try settings.policy.configuration(in: world).layers)
            return PlannedReward(spec: spec.description)
        }
        return context
    }

    private static func cost(_ settings: RunSettings, _ world: any World) throws(Diagnostic) -> ArmCost {
        let regime = settings.regimes[0].settings
        let configuration = try settings.policy.configuration(in: world)
        let weights = Double(
            configuration.linearParametersPerToken + configuration.width * configuration.vocabularySize)
        let prompt = (world.prompts.reduce(0) { $0 + $1.tokens.count }) / max(world.prompts.count, 1)
        let response = min(world.maximumTokens, 256)
        let perPrompt = prompt + regime.groupSize * response
        let steps = regime.trains ? regime.steps : regime.sizes.count
        // Samples that a verifier passes over are generated, not trained on.
        let rejected = settings.pieces.filter { $0.kind == .verifier && $0.training != .absent }.reduce(0) {
            $0 + min(steps, $1.until ?? steps) * regime.groupSize * ($1.size - 1) * response
        }
        let tokens = regime.promptsPerStep * (steps * perPrompt * (regime.trains ? 2 : 1) + rejected)
        return ArmCost(
            steps: steps, tokens: tokens, flops: 4 * weights * Double(tokens),
            memory: 300 << 20 + Int(weights) * 24,
            preparations: try preparations(settings, world).mapValues { 6 * weights * Double($0 * (prompt + response)) }
        )
    }
}

extension RunCheck {
    /// Responses that each reward model is trained on before the first step, an update's each counted once.
    private static func preparations(_ settings: RunSettings, _ world: any World) throws(Diagnostic) -> [String: Int] {
        let place = LearnedSettings.Place(world, settings.policy)
        var responses: [String: Int] = [:]
        for spec in settings.terms.flatMap(\.spec.learned) {
            let learned = try LearnedSettings(spec, seed: 0, in: place)
            responses["\(settings.policy.place(in: world)) \(spec)"] =
                learned.updates
                * learned.responsesPerUpdate(
                    prompts: world.prompts.count, listed: world.enumeration?.responses.count ?? 0)
        }
        return responses
    }
}

extension PolicySettings {
    func configuration(in world: any World) throws(Diagnostic) -> ModelConfiguration {
        if let checkpoint { return try ModelConfiguration(directory: checkpoint) }
        return try ModelConfiguration(
            shape(vocabulary: world.vocabularySize, positions: 64, endTokens: world.endTokens))
    }
}

/// Stands for a reward that is trained when its run begins.
private struct PlannedReward: Reward {
    let spec: String
    var provenance: JSONValue { ["kind": "planned"] }

    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan { throw PlannedScorer.failure }
    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] { throw PlannedScorer.failure }
}

/// Stands for a policy that is loaded when its run begins.
private struct PlannedScorer: SequenceScorer {
    static let failure = Diagnostic(.internalFailure, "a plan computes no scores")

    func logProbabilities(_ sequences: [[Int32]], from starts: [Int]) async throws(Diagnostic) -> [[Double]] {
        throw Self.failure
    }
}
