import Diagnostics
import Experiment
import JSON
import LanguageModel
import Rewards
import Statistics
import Torch
import Training

/// One seeded execution of (world, policy, reward, regime), step by step, with its meters.
///
/// The policy that a step reads is the one before the step's update; the last reading is of the final policy. Reading is pure: it
/// draws from streams of its own and touches no weight, so a run is the same to the bit whatever is read.
///
/// ## Topics
/// - ``init(_:)``, ``run(from:report:)``
@TensorActor
public final class PolicyRun {
    /// What a run is made of.
    public struct Parts {
        public var world: any World
        public var policy: TrainablePolicy
        /// What KL is measured to, and what stale data are sampled from.
        public var reference: Decoder
        public var reward: RewardSum
        /// The regime from a step on; the first holds from 0.
        public var regimes: [(from: Int, settings: RegimeSettings)]
        public var meters: MeterSettings
        public var streams: RunStreams
        /// Each response's reward before the first step, [prompt][response], where the world is enumerable and the reward scores each
        /// alone.
        public var rewardTable: [[Double]]?
        public var pieces: [RunPiece] = []
        /// The prompts that are trained on from a step on, as places among the world's; all of them before the first.
        public var promptSwaps: [(from: Int, range: Range<Int>)] = []
        /// Rows that go through the layers together in training.
        public var rowsPerPass = 2048

        public init(
            world: any World, policy: TrainablePolicy, reference: Decoder, reward: RewardSum,
            regime: RegimeSettings, meters: MeterSettings, streams: RunStreams
        ) {
            self.world = world
            self.policy = policy
            self.reference = reference
            self.reward = reward
            regimes = [(0, regime)]
            self.meters = meters
            self.streams = streams
        }

        /// The prompts that a step trains on.
        func promptRange(at step: Int) -> Range<Int> {
            promptSwaps.last { $0.from <= step }?.range ?? 0..<world.prompts.count
        }
    }

    let parts: Parts
    let exact: ExactReader?
    /// Groups that were sampled once, for regimes on stale data: made when first asked for.
    var stalePool: [Int: ScoredGroup] = [:]
    /// Prompts whose stale groups are paid for: after a resumption they are made again, but not counted again.
    var countedStale: Set<Int> = []
    var cost: RunCostMeter
    /// Mean gold of each held-out prompt when it was first read.
    var firstHeldOutGold: [Double] = []
    /// The policy laid out for sampling, and the step that it is of.
    private var sampling: (step: Int, decoder: Decoder)?

    /// The table of rewards, and the step from which it holds.
    private var table: (from: Int, rewards: [[Double]])?

    /// The step at work.
    public private(set) var currentStep = 0

    /// Tokens generated and trained on.
    public var tokensComputed: Int { cost.tokensGenerated + cost.tokensTrained }

    public init(_ parts: Parts) throws(Diagnostic) {
        self.parts = parts
        cost = RunCostMeter(parts.policy.decoder.configuration)
        exact = try ExactReader(parts)
        for (from, regime) in parts.regimes where regime.needsEnumeration && exact == nil {
            throw Diagnostic(
                .usage,
                "\(regime.kind.rawValue) needs a world whose responses can be listed, and \(parts.world.kind) cannot",
                at: .init(field: from == 0 ? "regime.kind" : "interventions"),
                remedy: "Use best-of-n, grpo, rloo, dpo, rejection-ft or sft, or the worlds lookup or match")
        }
    }

    /// What a run remembers besides the policy, so that it can go on: what its rewards remember, and what it has spent.
    public var state: JSONValue {
        [
            "reward": parts.reward.state, "cost": cost.json,
            "stale": .array(countedStale.sorted().map(JSONValue.integer)),
            "held-out-gold": .array(firstHeldOutGold.map(JSONValue.number)),
        ]
    }

    /// Goes back to a state of this run.
    ///
    /// - Throws: `badData` where the state is none.
    public func restore(_ state: JSONValue) throws(Diagnostic) {
        guard let reward = state["reward"], let spent = state["cost"], cost.restore(spent),
            let gold = state["held-out-gold"]?.arrayValue
        else {
            throw Diagnostic(.badData, "this is no state of a run", remedy: "Start the run anew")
        }
        countedStale = Set((state["stale"]?.arrayValue ?? []).compactMap(\.intValue))
        firstHeldOutGold = gold.compactMap(\.doubleValue)
        try parts.reward.restore(reward)
    }

    /// Updates in all.
    public var steps: Int { parts.regimes[0].settings.trains ? parts.regimes[0].settings.steps : selectionSteps }

    func regime(at step: Int) -> RegimeSettings {
        parts.regimes.last { $0.from <= step }?.settings ?? parts.regimes[0].settings
    }

    /// Each response's reward as it counts at a step, [prompt][response]; `nil` where there is no table.
    func rewards(at step: Int) async throws(Diagnostic) -> [[Double]]? {
        guard let first = parts.rewardTable, let exact else { return nil }
        let change = parts.reward.lastChange(upTo: min(step, max(steps - 1, 0)))
        guard change > 0 else { return first }
        if let table, table.from == change { return table.rewards }
        let rewards = try await parts.reward.table(
            over: exact.enumeration, prompts: parts.world.prompts, step: change)
        table = (change, rewards)
        return rewards
    }

    /// The policy as samples are drawn from it at a step. A large one is laid out for inference, in the type that training computes in;
    /// its log-probabilities differ from training's by rounding, which is why the first pass takes its own as the old ones.
    func samplingDecoder(at step: Int, rows: Int) throws(Diagnostic) -> Decoder {
        guard parts.policy.parameterCount >= Self.layoutThreshold else { return parts.policy.decoder }
        if let sampling, sampling.step == step { return sampling.decoder }
        let decoder = try parts.policy.decoder.packed(as: parts.policy.computeType, rows: rows)
        sampling = (step, decoder)
        return decoder
    }

    /// Weights from which laying them out anew at every step pays.
    private static let layoutThreshold = 4_000_000

    /// Runs from a step to the end.
    ///
    /// - Parameters:
    ///   - start: updates that the policy has had.
    ///   - begin: told of every step before anything is done in it: the policy has had so many updates, and ``state`` is of this moment.
    ///   - report: told of every step's readings, in order.
    /// - Throws: a ``Divergence`` where weights or losses stop being finite; what rewards and gold throw.
    public func run(
        from start: Int = 0, begin: (Int) throws(Diagnostic) -> Void = { _ in },
        report: (StepReadings) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) {
        do throws(Diagnostic) { try await execute(from: start, begin, report) } catch {
            guard Divergence.reason(error) == nil, try !parts.policy.hasFiniteWeights() else { throw error }
            throw Divergence.diagnostic("the weights are not finite")
        }
    }

    private func execute(
        from start: Int, _ begin: (Int) throws(Diagnostic) -> Void,
        _ report: (StepReadings) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) {
        guard parts.regimes[0].settings.trains else { return try await runSelection(report) }
        let steps = steps
        for step in start..<max(steps, start) {
            currentStep = step
            try begin(step)
            try await refreshEvaluators(at: step)
            var readings = try await standing(at: step, last: steps)
            readings += try await update(step)
            if !readings.isEmpty { try await report(StepReadings(step: step, readings: readings)) }
        }
        currentStep = steps
        try begin(steps)
        let final = try await standing(at: steps, last: steps)
        if !final.isEmpty { try await report(StepReadings(step: steps, readings: final)) }
    }

    /// Trains anew the evaluators whose time has come. What was sampled once and scored is scored again.
    private func refreshEvaluators(at step: Int) async throws(Diagnostic) {
        for term in parts.reward.terms where term.settings.refreshes(at: step) {
            guard let evaluator = term.reward as? any RefreshableReward, let exact else {
                throw Diagnostic(
                    .usage, "'\(term.settings.name)' cannot be trained anew in the world \(parts.world.kind)",
                    at: .init(field: "run.reward"), remedy: "Use the worlds lookup or match")
            }
            let policy = try exact.enumerator.read(parts.policy.decoder)
            try await evaluator.refresh(from: policy.logProbabilities, step: step)
            stalePool = [:]
        }
    }

    /// One update; what the batch showed before it.
    private func update(_ step: Int) async throws(Diagnostic) -> [Reading] {
        let regime = regime(at: step)
        switch regime.kind {
        case .grpo, .rloo: return try await policyGradient(step, regime)
        case .dpo: return try await preferences(step, regime)
        case .exactGradient: return try await exactGradient(step, regime)
        case .rejection: return try await rejection(step, regime)
        case .supervised: return try supervised(step, regime)
        case .distill: return try distill(step, regime)
        case .bestOfN, .tilt: return []
        }
    }
}

extension RegimeSettings {
    /// Whether every response must be listed.
    public var needsEnumeration: Bool { [.tilt, .exactGradient, .distill].contains(kind) }
}
