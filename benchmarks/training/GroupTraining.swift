import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Text
import Torch
import Training
import Worlds

/// GRPO steps as `assay run` makes them, on the same prompts at every step, with the length of the text as reward.
@TensorActor
struct GroupTraining {
    private let settings: TrainingBenchmark
    private let parts: PolicyRun.Parts
    private let lengths: LengthRecord

    init(_ settings: TrainingBenchmark) async throws(Diagnostic) {
        self.settings = settings
        let folder = settings.folder
        let world = try makeWorld(
            [
                "kind": "prompts", "file": .string(folder + "/prompts.jsonl"), "prompt": "question",
                "limit": .integer(settings.prompts), "held-out": 0, "suffix": "\n",
                "maximum-tokens": .integer(settings.newTokens), "gold": ["rule": "true-equations"],
            ], path: "world", tokenizer: try Tokenizer(directory: folder + "/policy"), relativeTo: "")
        let base = try Decoder(
            directory: folder + "/policy", options: .init(elementType: .float32, packingRows: nil))
        let regime = try Self.regime(settings)
        let policy = try TrainablePolicy(base, optimizer: regime.optimizer, computeType: settings.dtype)
        let lengths = LengthRecord()
        let term = RewardTermSettings(spec: try RewardSpec(parsing: LengthRecord.name))
        var parts = PolicyRun.Parts(
            world: world, policy: policy, reference: base, reward: RewardSum([.init(term, reward: lengths)]),
            regime: regime, meters: .none, streams: RunStreams(seed: 1))
        parts.rowsPerPass = settings.rows
        (self.parts, self.lengths) = (parts, lengths)
    }

    /// The settings that TRL's trainer has by default, where the two differ.
    private static func regime(_ settings: TrainingBenchmark) throws(Diagnostic) -> RegimeSettings {
        try RegimeSettings([
            "kind": "grpo", "steps": 1, "prompts-per-step": .integer(settings.prompts),
            "group": .integer(settings.group), "learning-rate": .number(settings.learningRate),
            "optimiser": ["beta2": 0.999],
        ])
    }

    func measure() async throws(Diagnostic) -> Outcome {
        var outcome = Outcome(itemsPerStep: settings.prompts * settings.group)
        for step in 0...settings.steps {
            let clock = StepClock()
            try await makeStep(step)
            if step > 0 { clock.record(in: &outcome) }
        }
        outcome.completionTokens = await lengths.meanTokens
        return outcome
    }

    /// One update of a run that ends with it.
    private func makeStep(_ step: Int) async throws(Diagnostic) {
        var parts = parts
        parts.regimes[0].settings.steps = step + 1
        try await PolicyRun(parts).run(from: step) { (_) in }
    }
}

/// The length of the text in characters, and a count of the tokens seen.
private actor LengthRecord: Reward {
    static let name = "rule:length"
    private var tokens = 0
    private var responses = 0

    nonisolated var spec: String { Self.name }
    nonisolated var provenance: JSONValue { ["kind": "rule", "rule": "length"] }
    var meanTokens: Double? { responses > 0 ? Double(tokens) / Double(responses) : nil }

    func plan(_ group: Group) -> GroupPlan {
        let none = group.responses.map { _ in 0 }
        return GroupPlan(tokensComputed: 0, tokens: none, truncated: none.map { _ in false })
    }

    func score(_ groups: [Group]) -> [GroupScore] {
        groups.map { group in
            tokens += group.sampled?.responses.reduce(0) { $0 + $1.tokens.count } ?? 0
            responses += group.responses.count
            return GroupScore(id: group.id, scores: group.responses.map { Double($0.unicodeScalars.count) })
        }
    }
}
