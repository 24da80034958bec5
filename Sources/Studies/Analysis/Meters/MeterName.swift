import Diagnostics
import Experiment
import JSON

/// The meters that a run can have, as docs/METERS.md defines them: what a study may ask for, and how an axis is titled.
struct MeterName: Sendable {
    let name: String
    /// What it measures, with its unit.
    let title: String
    /// Whether it looks at gold, which only an experimenter has.
    let needsGold: Bool
    /// What it can be, where that is known: intervals go no further.
    let range: ClosedRange<Double>?

    private init(_ name: String, _ title: String, gold: Bool = false, in range: ClosedRange<Double>? = nil) {
        self.name = name
        self.title = title
        self.range = range
        needsGold = gold
    }

    /// All names; `k` stands for a number, and what can be read of held-out prompts has `held-out.` before it.
    static let all: [MeterName] =
        batch + policy + exact + selection + statics + pieces + cost

    private static let batch: [MeterName] =
        ["reward", "gold"].flatMap(distribution) + [
            MeterName("gold.gain", "change of gold since it was first read", gold: true),
            MeterName("reward-gold.correlation", "correlation of reward and gold", gold: true, in: -1...1),
            MeterName("reward.accuracy", "accuracy on the current policy's pairs", gold: true, in: 0...1),
            MeterName("calibration.ece", "calibration error of agreement (ECE)", gold: true, in: 0...1),
            MeterName("calibration.brier", "Brier score of agreement", gold: true, in: 0...1),
            MeterName("kl.k1", "KL to reference, k1 (nats per response)"),
            MeterName("kl.k3", "KL to reference, k3 (nats per response)"),
            MeterName("kl.stepwise", "KL to reference, stepwise (nats per response)"),
            MeterName("kl.clamped", "tokens at which k3 was cut"),
            MeterName("entropy.response", "entropy (nats per response)"),
            MeterName("entropy.token", "entropy (nats per token)"),
            MeterName("length.mean", "length (tokens)"),
            MeterName("length.truncated", "share cut at the maximum length", in: 0...1),
            MeterName("responses.distinct", "share of a group's responses that are distinct", in: 0...1),
            MeterName("responses.agreement", "share of a group that gives its commonest response", in: 0...1),
            MeterName("pass@k", "pass@k", gold: true, in: 0...1),
        ]

    private static func distribution(of name: String) -> [MeterName] {
        let isGold = name == "gold"
        let shapes = [
            ("mean", name), ("std", "standard deviation of \(name)"), ("skewness", "skewness of \(name)"),
            ("kurtosis", "excess kurtosis of \(name)"), ("q10", "\(name), 10% quantile"), ("q50", "\(name), median"),
            ("q90", "\(name), 90% quantile"), ("at-maximum", "share at the largest \(name)"),
            ("within-group-std", "standard deviation of \(name) within a group"),
            ("groups-without-spread", "share of groups without spread of \(name)"),
        ]
        let shares = ["at-maximum", "groups-without-spread"]
        return shapes.map { MeterName("\(name).\($0.0)", $0.1, gold: isGold, in: shares.contains($0.0) ? 0...1 : nil) }
    }

    private static let policy = [
        MeterName("gradient.norm", "norm of the gradient"),
        MeterName("gradient.signal", "squared norm of the true gradient"),
        MeterName("gradient.noise", "gradient variance of one prompt's group"),
        MeterName("gradient.signal-to-noise", "signal to noise of the gradient"),
        MeterName("loss", "loss"), MeterName("policy.clipped", "share of tokens with a clipped ratio", in: 0...1),
        MeterName("dpo.margin", "margin of the implied reward (nats)"),
    ]

    private static let exact = [
        MeterName("exact.gold", "gold, expected", gold: true), MeterName("exact.reward", "reward, expected"),
        MeterName("exact.kl", "KL to reference (nats per response)"),
        MeterName("exact.entropy", "entropy (nats per response)"),
        MeterName("exact.pass@k", "pass@k, expected", gold: true, in: 0...1),
        MeterName("exact.best-probability", "probability of the likeliest response", in: 0...1),
    ]

    private static let selection = [
        MeterName("selection.n", "samples chosen from"), MeterName("kl.bound", "log n − (n−1)/n (nats per response)"),
        MeterName("tilt.strength", "1/β of the tilt"),
    ]

    private static let statics = [
        MeterName("static.accuracy", "static accuracy (share of pairs)", gold: true, in: 0...1),
        MeterName("static.prompt-free-share", "prompt-free share of the reward's variance", in: 0...1),
        MeterName("static.test-accuracy", "accuracy on fresh pairs made as the training pairs were", in: 0...1),
        MeterName("static.swap-kept", "share of preferences kept after a prompt swap", in: 0...1),
        MeterName("static.flip-content", "change of the score with another content (standard deviations)"),
        MeterName("static.flip-style", "change of the score with another style (standard deviations)"),
        MeterName("static.flip-length", "change of the score with another length (standard deviations)"),
    ]

    private static let pieces = [
        MeterName("withdrawal.on", "gold with the piece", gold: true),
        MeterName("withdrawal.off", "gold without the piece", gold: true),
        MeterName("withdrawal.gap", "gold with the piece less without it", gold: true),
    ]

    private static let cost = [
        MeterName("cost.tokens-generated", "tokens generated"), MeterName("cost.tokens-trained", "tokens trained on"),
        MeterName("cost.training-flops", "training (FLOPs)"), MeterName("cost.inference-flops", "inference (FLOPs)"),
        MeterName("cost.seconds", "time (s)"),
        MeterName("gold.per-training-flop", "gold gained per training FLOP", gold: true),
        MeterName("gold.per-inference-flop", "gold gained per inference FLOP", gold: true),
        MeterName("gold.per-second", "gold gained per second", gold: true),
    ]
}

extension MeterName {
    private static let heldOut = "held-out."

    /// The meter that a name in a ledger or a study stands for.
    static func named(_ name: String) -> MeterName? {
        let bare = name.hasPrefix(heldOut) ? String(name.dropFirst(heldOut.count)) : name
        return all.first { $0.name == general(bare) }
    }

    /// `pass@8` as `pass@k`.
    private static func general(_ name: String) -> String {
        guard let at = name.lastIndex(of: "@"), Int(name[name.index(after: at)...]) != nil else { return name }
        return name[...at] + "k"
    }

    /// What a meter can be; `nil` where that is not known.
    static func range(of name: String) -> ClosedRange<Double>? { named(name)?.range }

    /// What an axis is called; the name itself where nobody has defined it.
    static func title(of name: String) -> String {
        guard let meter = named(name) else { return name }
        let number = name.lastIndex(of: "@").map { String(name[$0...]) } ?? "@k"
        let title = meter.title.replacing("@k", with: number)
        return name.hasPrefix(heldOut) ? "\(title), held-out prompts" : title
    }

    /// Reads a meter's name from a study.
    ///
    /// - Throws: `usage` where no run can have such a meter.
    static func check(_ name: String, at path: String) throws(Diagnostic) {
        guard named(name) == nil else { return }
        let nearest = NearestName(to: name, among: all.map(\.name))?.name
        throw Diagnostic(
            .usage, "there is no meter '\(name)'", at: .init(field: path),
            remedy: nearest.map { "Did you mean \($0)?" } ?? "docs/METERS.md lists them")
    }
}

extension SettingsReader {
    /// A meter's name.
    mutating func meter(_ key: String, default fallback: String) throws(Diagnostic) -> String {
        let name = try string(key, default: fallback)
        try MeterName.check(name, at: path(of: key))
        return name
    }

    /// A list of meters' names; the fallback where the key is not given.
    mutating func meters(_ key: String, default fallback: [String] = []) throws(Diagnostic) -> [String] {
        guard value(key) != nil else { return fallback }
        var names: [String] = []
        for (index, element) in try list(key).enumerated() {
            guard let name = element.stringValue else { throw wrong(key, element, "should list meters' names") }
            try MeterName.check(name, at: "\(path(of: key)).\(index)")
            names.append(name)
        }
        return names
    }
}
