import Diagnostics
import Experiment
import JSON
import LanguageModel
import Rewards
import Statistics
import Torch
import Training
import Worlds

@testable import Regimes

/// A lookup world of 12 prompts and 8 answers with an untrained policy of its own.
@TensorActor
struct SmallWorld {
    let world: any World
    let policy: TrainablePolicy
    let reference: Decoder

    init(_ settings: JSONValue = ["kind": "lookup", "prompts": 12, "answers": 8, "classes": 4]) throws {
        // Of tensors this small, threads only wait for each other.
        try TorchLibrary.setThreads(1)
        world = try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "")
        let shape = ModelConfiguration.Shape(
            vocabularySize: world.vocabularySize, width: 16, layers: 1, heads: 2, mlpWidth: 32, maximumPositions: 32,
            hasTiedEmbeddings: false)
        // Embeddings large enough that prompts differ from the start.
        reference = try Decoder(random: try ModelConfiguration(shape), seed: 2).replacingParameters {
            (name, tensor) throws(Diagnostic) in
            name.contains("embed") || name.contains("lm_head") ? try tensor.scaled(by: 20) : tensor
        }
        policy = try TrainablePolicy(reference, optimizer: .init(beta2: 0.99, weightDecay: 0))
    }

    func parts(
        _ regime: JSONValue, meters: JSONValue = ["every": 1, "exact-every": 5], reward spec: JSONValue = "gold",
        seed: UInt64 = 3, variant: UInt64 = 0
    ) async throws -> PolicyRun.Parts {
        let context = RunRewardContext(world: world, seed: seed)
        let terms = try RewardTermSettings.list(spec, path: "reward", relativeTo: "")
        var parts = PolicyRun.Parts(
            world: world, policy: policy, reference: reference, reward: try await RewardSum(terms, context: context),
            regime: try RegimeSettings(regime), meters: try MeterSettings(meters),
            streams: RunStreams(seed: seed, variant: variant))
        parts.rewardTable = world.enumeration?.gold
        return parts
    }

    /// Runs and returns what was read and the final weights.
    func run(_ parts: PolicyRun.Parts) async throws -> (steps: [StepReadings], weights: [Float]) {
        var steps: [StepReadings] = []
        try await PolicyRun(parts).run { (readings) throws(Diagnostic) in steps.append(readings) }
        return (steps, try policy.weightValues())
    }
}

/// A world that does not say what responses there are.
struct UnlistedWorld: World {
    private let world: any World

    init(_ world: any World) { self.world = world }

    var kind: String { world.kind }
    var settings: JSONValue { world.settings }
    var vocabularySize: Int { world.vocabularySize }
    var prompts: [WorldPrompt] { world.prompts }
    var heldOutPrompts: [WorldPrompt] { world.heldOutPrompts }
    var grammar: [[Int32]] { world.grammar }
    var endTokens: Set<Int32> { world.endTokens }
    var maximumTokens: Int { world.maximumTokens }
    var goldRange: ClosedRange<Double> { world.goldRange }
    var enumeration: Enumeration? { nil }

    func text(of tokens: [Int32]) throws(Diagnostic) -> String { try world.text(of: tokens) }
    func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        try await world.gold(responses, to: prompt)
    }
    func demonstration(of prompt: WorldPrompt, _ stream: inout RandomStream) throws(Diagnostic) -> Response? {
        try world.demonstration(of: prompt, &stream)
    }
}
