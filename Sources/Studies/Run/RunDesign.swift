import Diagnostics
import Experiment
import JSON

/// What `assay run` is asked for, made a design: one arm a reward, which differ in nothing else.
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
        return try StudyDesign(parsing: Array(JSONValue.object(try document()).text.utf8))
    }

    private func document() throws(Diagnostic) -> JSONObject {
        var levels: [JSONValue] = []
        for spec in rewards { levels.append(["level": .string(spec), "set": ["reward.0": .string(spec)]]) }
        return [
            "study": "run", "title": .string("\(regimeName) on \(prompts)"),
            "question": .string("What does the reward do to the policy \(policy)?"), "run": .object(try settings()),
            "factors": ["reward": .array(levels)], "seeds": .integer(seeds),
            "controls": ["a-a": .bool(hasControls), "placebo": .bool(hasControls)], "analyses": Self.analyses,
        ]
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

    private static let analyses: JSONValue = [
        ["kind": "gains", "outcome": "held-out.gold.mean", "factor": "reward"],
        ["kind": "levels", "outcome": "held-out.gold.mean", "factor": "reward"],
        [
            "kind": "curves",
            "meters": [
                "held-out.gold.mean", "held-out.reward.mean", "reward.mean", "reward.within-group-std",
                "held-out.kl.k3", "held-out.entropy.token", "held-out.length.mean", "responses.distinct",
                "reward-gold.correlation",
            ],
        ],
    ]
}
