import Diagnostics
import Experiment
import JSON
import Torch
import Training

/// How a policy is made to follow a reward: the `regime` map of a run's settings.
public struct RegimeSettings: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Choose the best of n samples by the reward; no weight moves.
        case bestOfN = "best-of-n"
        /// The exact π·exp(r/β)/Z of an enumerable world.
        case tilt
        /// Group-relative policy gradient (Shao et al. 2024).
        case grpo
        /// Policy gradient with the mean of the others as baseline (Ahmadian et al. 2024).
        case rloo
        /// Ascent along the exact gradient of an enumerable world.
        case exactGradient = "exact-gradient"
        /// Direct preference optimisation (Rafailov et al. 2023) on pairs that the reward labels.
        case dpo
        /// Sample, keep the best by the reward, train on them.
        case rejection = "rejection-ft"
        /// Train on the world's demonstrations; the reward is not used.
        case supervised = "sft"
        /// Train towards a teacher's exact distribution: the tilt of the reference by gold, or the reference itself.
        case distill
    }

    /// Whose responses are trained on.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// The policy's own, sampled anew at every step.
        case onPolicy = "on-policy"
        /// The reference's, sampled once before training.
        case stale
    }

    /// What a sequence's tokens are divided by in the loss.
    public enum Normalizer: String, Sendable, Hashable, CaseIterable {
        /// The batch's tokens: every token counts the same.
        case tokens
        /// The number of responses: a long response counts more (Liu et al. 2025).
        case responses
        /// The response's own length, then the number of responses (Shao et al. 2024).
        case sequences
    }

    /// Whether a KL penalty is taken off the reward or added to the loss; their gradients differ.
    public enum Place: String, Sendable, Hashable, CaseIterable { case loss, reward }

    public enum Teacher: String, Sendable, Hashable, CaseIterable {
        /// π_ref·exp(gold/β)/Z.
        case gold
        /// π_ref: as much work that teaches nothing.
        case reference
    }

    public enum Schedule: String, Sendable, Hashable, CaseIterable { case constant, linear, cosine }

    public var kind: Kind
    public var source: Source
    /// Updates.
    public var steps: Int
    public var promptsPerStep: Int
    /// Responses a prompt.
    public var groupSize: Int
    /// Updates that a batch is used for.
    public var epochs: Int
    public var learningRate: Double
    public var schedule: Schedule
    /// Steps over which the rate rises from 0.
    public var warmup: Int
    public var optimizer: AdamW.Settings
    public var gradientClip: Double?
    public var klCoefficient: Double
    public var klEstimator: PolicyGradientObjective.Estimator
    public var klPlace: Place
    public var clip: Double?
    public var advantage: Advantage
    public var normalizer: Normalizer
    /// DPO's β; the tilt's β.
    public var beta: Double
    public var smoothing: Double
    /// Sizes that best-of-n is read at.
    public var sizes: [Int]
    /// The share of a group that rejection-ft keeps.
    public var kept: Double
    /// Whose distribution `distill` trains towards.
    public var teacher: Teacher
    /// Of sampling for training; what is measured is always measured at 1.
    public var temperature: Double
}

extension RegimeSettings {
    /// Reads a `regime` map.
    ///
    /// - Throws: `usage` naming the key that is wrong.
    public init(_ value: JSONValue, path: String = "regime") throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        kind = try reader.choice("kind", default: .grpo)
        source = try reader.choice("data", default: .onPolicy)
        steps = try reader.integer("steps", default: 300, in: 0...10_000_000)
        promptsPerStep = try reader.integer("prompts-per-step", default: 16, in: 1...1_000_000)
        groupSize = try reader.integer("group", default: 8, in: 1...65_536)
        epochs = try reader.integer("epochs", default: 1, in: 1...1000)
        learningRate = try reader.number("learning-rate", default: 1e-3, in: 0...1e3)
        schedule = try reader.choice("schedule", default: .constant)
        warmup = try reader.integer("warmup", default: 0, in: 0...10_000_000)
        (optimizer, gradientClip) = try Self.optimizer(try reader.map("optimiser"))
        var kl = try reader.map("kl")
        klCoefficient = try kl.number("coefficient", default: 0, in: .notNegative)
        klPlace = try kl.choice("place", default: .loss)
        klEstimator = try kl.choice("estimator", default: klPlace == .reward ? .k1 : .k3)
        try kl.finish()
        let clip = try reader.number("clip", default: 0.2, in: .notNegative)
        self.clip = clip == 0 ? nil : clip
        advantage = try reader.choice("advantage", default: kind == .rloo ? .leaveOneOut : .standardized)
        normalizer = try reader.choice("normalise", default: .tokens)
        beta = try reader.number("beta", default: 0.1, in: .positive)
        smoothing = try reader.number("smoothing", default: 0, in: 0...0.5)
        sizes = try Self.sizes(try reader.list("n"), path: reader.path(of: "n"))
        teacher = try reader.choice("teacher", default: .gold)
        kept = try reader.number("keep", default: 0.25, in: 0...1)
        temperature = try reader.number("temperature", default: 1, in: .positive)
        try reader.finish()
        try check(path)
    }

    private static func optimizer(_ map: SettingsReader) throws(Diagnostic) -> (AdamW.Settings, Double?) {
        var reader = map
        let settings = AdamW.Settings(
            beta1: try reader.number("beta1", default: 0.9, in: 0...0.999_999),
            beta2: try reader.number("beta2", default: 0.99, in: 0...0.999_999_9),
            epsilon: try reader.number("epsilon", default: 1e-8, in: .positive),
            weightDecay: try reader.number("weight-decay", default: 0, in: .notNegative))
        let clip = try reader.number("gradient-clip", default: 1, in: .notNegative)
        try reader.finish()
        return (settings, clip == 0 ? nil : clip)
    }

    private static func sizes(_ list: [JSONValue], path: String) throws(Diagnostic) -> [Int] {
        guard !list.isEmpty else { return [1, 2, 4, 8, 16, 32, 64] }
        let sizes = list.compactMap(\.intValue).filter { $0 >= 1 }
        guard sizes.count == list.count else {
            throw Diagnostic(
                .usage, "n should list whole numbers of at least 1", at: .init(field: path),
                remedy: "Write, for example, n: [1, 2, 4, 8]")
        }
        return Set(sizes).sorted()
    }

    private func check(_ path: String) throws(Diagnostic) {
        let needsSpread: Set<Kind> = [.grpo, .rloo, .dpo, .rejection]
        if needsSpread.contains(kind), groupSize < 2 {
            throw Diagnostic(
                .usage, "\(kind.rawValue) compares the responses of a group, so a group of 1 teaches nothing",
                at: .init(field: "\(path).group"), remedy: "Give at least 2 responses a prompt")
        }
        try checkDivergence(path)
        guard source != .stale || needsSpread.contains(kind) else {
            throw Diagnostic(
                .usage, "\(kind.rawValue) trains on no samples, so they cannot be stale",
                at: .init(field: "\(path).data"), remedy: "Leave data out")
        }
    }

    /// What would be ignored is refused.
    private func checkDivergence(_ path: String) throws(Diagnostic) {
        let penalised: Set<Kind> = [.grpo, .rloo, .exactGradient]
        guard klCoefficient == 0 || penalised.contains(kind) else {
            throw Diagnostic(
                .usage, "\(kind.rawValue) has no KL penalty", at: .init(field: "\(path).kl.coefficient"),
                remedy: "Leave kl out, or use grpo, rloo or exact-gradient")
        }
        guard klPlace != .reward || klEstimator == .k1 else {
            throw Diagnostic(
                .usage, "in the reward the KL is a response's k1, not \(klEstimator.rawValue)",
                at: .init(field: "\(path).kl.estimator"), remedy: "Leave the estimator out, or place the KL in the loss"
            )
        }
    }

    /// The learning rate of an update, counted from 0.
    public func rate(at step: Int) -> Double {
        if step < warmup { return learningRate * Double(step + 1) / Double(warmup) }
        let share = Double(step - warmup) / Double(max(steps - warmup, 1))
        switch schedule {
        case .constant: return learningRate
        case .linear: return learningRate * max(1 - share, 0)
        case .cosine: return learningRate * 0.5 * (1 + cosine(share))
        }
    }

    /// Whether updates are made at all.
    public var trains: Bool { kind != .bestOfN && kind != .tilt }
}
