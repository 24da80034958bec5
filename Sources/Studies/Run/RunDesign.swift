import Diagnostics
import Experiment
import JSON
import Regimes

/// What `assay run` is asked for, made a design: one arm a reward, which differ in nothing else. With pieces an arm has a sham arm beside
/// it, so that withdrawing them is judged against training that cost as much.
public struct RunDesign: Sendable {
    /// A checkpoint folder.
    public var policy: String
    /// JSON lines.
    public var prompts: String
    /// `numeric-answer`, `true-equations`, `exact:FIELD`, `regex:PATTERN`, `command:EXECUTABLE`.
    public var gold: String
    /// Specs; each is an arm.
    public var rewards: [String]
    /// The maps of a run's settings, as far as options set them.
    public var world: JSONObject = [:]
    public var policySettings: JSONObject = [:]
    public var regime: JSONObject = [:]
    public var meters: JSONObject = [:]
    /// Pieces as a study writes them, without `training`.
    public var pieces: [JSONObject] = []
    /// The step from which training goes on without the pieces.
    public var withdrawAt: Int?
    public var checkpointEvery = 0
    public var threads: Int?
    public var seeds = 1
    /// Whether an A/A arm and a shuffled-reward arm run beside each arm.
    public var hasControls = false

    public init(policy: String, prompts: String, gold: String, rewards: [String]) {
        self.policy = policy
        self.prompts = prompts
        self.gold = gold
        self.rewards = rewards
    }

    /// The design, in the working folder.
    ///
    /// - Throws: `usage` where an option is wrong.
    public func design() throws(Diagnostic) -> StudyDesign {
        guard !rewards.isEmpty else {
            throw Diagnostic(
                .usage, "no reward is named", at: .init(field: "--reward"), remedy: "Give, for example, --reward gold")
        }
        try checkWithdrawal()
        return try StudyDesign(parsing: Array(JSONValue.object(try document()).text.utf8))
    }

    /// What is withdrawn in mid-run is read then.
    private func checkWithdrawal() throws(Diagnostic) {
        guard let withdrawAt, let steps = regime["steps"]?.intValue else { return }
        guard withdrawAt > 0, withdrawAt < steps else {
            throw Diagnostic(
                .usage,
                "the pieces should be taken away between the first update and the last, of which there are \(steps)",
                at: .init(field: "--withdraw-at"), remedy: "Give an update from 1 to \(max(steps - 1, 1))")
        }
        guard let every = meters["held-out-every"]?.intValue, every > 0, withdrawAt % every != 0 else { return }
        throw Diagnostic(
            .usage, "held-out prompts are read every \(every) updates, so not at \(withdrawAt)",
            at: .init(field: "--withdraw-at"), remedy: "Give a multiple of \(every), or another --evaluate-every")
    }

    private func document() throws(Diagnostic) -> JSONObject {
        var levels: [JSONValue] = []
        for spec in rewards { levels.append(["level": .string(spec), "set": ["reward.0": .string(spec)]]) }
        var factors: JSONObject = ["reward": .array(levels)]
        if !pieces.isEmpty { factors["training"] = [pieceLevel("with", .real), pieceLevel("sham", .sham)] }
        return [
            "study": "run", "title": .string("\(regimeName) on \(prompts)"),
            "question": .string("What does the reward do to the policy \(policy)?"), "run": .object(try settings()),
            "factors": .object(factors), "seeds": .integer(seeds),
            "controls": ["a-a": .bool(hasControls), "placebo": .bool(hasControls)], "analyses": .array(analyses),
        ]
    }

    private func pieceLevel(_ name: String, _ training: RunPiecePresence) -> JSONValue {
        ["level": .string(name), "set": ["pieces": .array(pieces(training))]]
    }

    private func pieces(_ training: RunPiecePresence) -> [JSONValue] {
        pieces.map { piece in
            var piece = piece
            piece["training"] = .string(training.rawValue)
            if let withdrawAt { piece["until"] = .integer(withdrawAt) }
            return .object(piece)
        }
    }

    private var regimeName: String { regime["kind"]?.stringValue ?? "grpo" }

    private func settings() throws(Diagnostic) -> JSONObject {
        var world: JSONObject = ["kind": "prompts", "file": .string(prompts), "gold": try goldRule()]
        for (key, value) in self.world { world[key] = value }
        var policy: JSONObject = ["checkpoint": .string(self.policy)]
        for (key, value) in policySettings { policy[key] = value }
        var settings: JSONObject = [
            "world": .object(world), "policy": .object(policy), "reward": [.string(rewards[0])],
            "regime": .object(regime), "meters": .object(meters),
        ]
        if checkpointEvery > 0 { settings["checkpoints"] = ["every": .integer(checkpointEvery)] }
        if let threads { settings["threads"] = .integer(threads) }
        return settings
    }

    private func goldRule() throws(Diagnostic) -> JSONValue {
        let parts = gold.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let argument = parts.count > 1 ? parts[1] : nil
        switch (parts[0], argument) {
        case ("true-equations", nil), ("numeric-answer", nil): return ["rule": .string(parts[0])]
        case ("numeric-answer", let field?), ("exact", let field?):
            return ["rule": .string(parts[0]), "field": .string(field)]
        case ("regex", let pattern?): return ["rule": "regex", "pattern": .string(pattern)]
        case ("command", let executable?):
            return ["rule": "command", "command": .array(executable.split(separator: " ").map { .string(String($0)) })]
        default:
            throw Diagnostic(
                .usage, "'\(gold)' is no rule for gold", at: .init(field: "--gold"),
                remedy: "Give numeric-answer[:FIELD], true-equations, exact:FIELD, regex:PATTERN or command:EXECUTABLE")
        }
    }

    private static let outcome = "held-out.gold.mean"

    private var analyses: [JSONValue] {
        // A selection moves no policy that held-out prompts could be asked of: what it is read on are the samples that it chooses from.
        guard regimeName != RegimeSettings.Kind.bestOfN.rawValue else {
            return [
                ["kind": "levels", "outcome": "gold.mean", "factor": "reward"],
                ["kind": "curves", "meters": ["gold.mean", "reward.mean", "selection.n", "cost.inference-flops"]],
            ]
        }
        var levels: JSONObject = ["kind": "levels", "outcome": .string(Self.outcome), "factor": "reward"]
        var meters: [JSONValue] = [
            "held-out.gold.mean", "held-out.reward.mean", "reward.mean", "reward.within-group-std",
            "held-out.kl.stepwise",
            "held-out.entropy.token", "held-out.length.mean", "responses.distinct", "reward-gold.correlation",
        ]
        var analyses: [JSONValue] = [["kind": "gains", "outcome": .string(Self.outcome), "factor": "reward"]]
        if !pieces.isEmpty {
            levels["within"] = "training"
            meters.append("withdrawal.gap")
            analyses = withdrawal + analyses
        }
        return analyses + [.object(levels), ["kind": "curves", "meters": .array(meters)]]
    }

    /// What is left of the pieces: at evaluation, and in training after they are gone.
    private var withdrawal: [JSONValue] {
        let names = pieces.compactMap { $0["kind"]?.stringValue }.joined(separator: " and ")
        let arms: JSONObject = [
            "factor": "training", "with": "with", "without": "sham", "piece": .string(names), "within": "reward",
        ]
        var atEvaluation = JSONObject([("kind", "withdrawal")])
        var analyses: [JSONValue] = []
        if let withdrawAt, let steps = regime["steps"]?.intValue, steps > withdrawAt {
            atEvaluation["at"] = .integer(withdrawAt)
            let removal: JSONObject = [
                "kind": "removal", "outcome": .string(Self.outcome), "at": .integer(withdrawAt),
                "after": .integer(steps - withdrawAt),
            ]
            analyses.append(.object(removal.merging(arms)))
        }
        return [.object(atEvaluation.merging(arms))] + analyses
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }
}
