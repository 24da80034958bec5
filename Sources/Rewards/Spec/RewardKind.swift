/// What a reward spec's first word may be.
public enum RewardKind: String, Sendable, Hashable, CaseIterable {
    case explicit, implicit, endogenous, likelihood, verdict, rule, recorded, mean, min
}

extension RewardKind {
    /// What follows the colon in a spec of this kind.
    public enum Source: Sendable, Hashable {
        /// A checkpoint's folder.
        case checkpoint
        /// A file.
        case file
        /// One of a few names.
        case name([String])
        /// A list of specs in brackets.
        case members
    }

    /// A key that a spec of this kind may carry.
    public struct Parameter: Sendable, Hashable {
        public var name: String
        /// What the value looks like: `NUMBER`, `FILE`, `last|mean`.
        public var form: String
        /// The value where the key is left out; `nil` where the key is required or nothing stands in for it.
        public var fallback: String?
        /// One line.
        public var meaning: String
        /// Whether the value is a path, which a study file's folder resolves.
        public var isPath: Bool
        /// Values of a path parameter that are words, not paths.
        public var words: [String]

        public init(
            _ name: String, _ form: String, fallback: String? = nil, isPath: Bool = false, words: [String] = [],
            _ meaning: String
        ) {
            self.name = name
            self.form = form
            self.fallback = fallback
            self.isPath = isPath
            self.words = words
            self.meaning = meaning
        }
    }

    /// What follows the colon.
    public var source: Source {
        switch self {
        case .explicit, .implicit, .endogenous, .likelihood, .verdict: .checkpoint
        case .recorded: .file
        case .rule: .name(["length", "markdown", "coin"])
        case .mean, .min: .members
        }
    }

    /// Whether the kind itself runs a model; an ensemble needs one where a member does.
    public var needsModel: Bool { source == .checkpoint }

    /// The score, in one line.
    public var meaning: String {
        switch self {
        case .explicit: "a sequence classifier's head on the final hidden state"
        case .implicit: "β·(log π(y|x) − log π_ref(y|x)) over the response's tokens"
        case .endogenous: "Q(s,a) − γ·V(s') of the logits, summed over the response's tokens"
        case .likelihood: "log π(y|x) of the response's tokens"
        case .verdict: "log-odds of a generative judge's Yes over its No after a verification prompt"
        case .rule: "a control that a benchmark should beat: length, markdown, or a seeded coin"
        case .recorded: "scores that were computed before"
        case .mean: "the (weighted) mean of the members' scores"
        case .min: "the smallest of the members' scores"
        }
    }

    /// The keys that a spec of this kind may carry.
    public var parameters: [Parameter] {
        switch self {
        case .explicit: [Parameter("pool", "last|mean|hf", fallback: "last", "which hidden state the head reads")]
        case .implicit: Self.implicitParameters
        case .endogenous: Self.endogenousParameters
        case .likelihood: [Parameter("normalize", "none|tokens", fallback: "none", "divide by the number of tokens")]
        case .verdict: Self.verdictParameters
        case .rule: Self.ruleParameters
        case .recorded: Self.recordedParameters
        case .mean: [Parameter("weights", "NUMBER:NUMBER:…", "one weight a member; equal where left out")]
        case .min: []
        }
    }

    /// How a spec of this kind is written, such as `explicit:DIR?pool=last|mean|hf`.
    public var synopsis: String {
        let keys = parameters.map { "\($0.name)=\($0.form)" }
        return "\(rawValue):\(sourceForm)" + (keys.isEmpty ? "" : "?" + keys.joined(separator: "&"))
    }

    /// What the source looks like.
    var sourceForm: String {
        switch source {
        case .checkpoint: "DIR"
        case .file: "FILE"
        case .name(let names): names.joined(separator: "|")
        case .members: "[SPEC,SPEC,…]"
        }
    }
}

extension RewardKind {
    private static let system = Parameter(
        "system", "FILE", isPath: true, "an instruction that steers what is judged")

    private static let implicitParameters = [
        Parameter("reference", "DIR|none", isPath: true, words: ["none"], "the reference policy; required"),
        Parameter("beta", "NUMBER", fallback: "0.01", "β, greater than 0"),
        system,
    ]

    private static let endogenousParameters = [
        Parameter("gamma", "NUMBER", fallback: "1", "discount γ, from 0 to 1"),
        Parameter("alpha", "NUMBER", fallback: "1", "temperature α of V = α·logsumexp(Q/α), greater than 0"),
        system,
    ]

    private static let verdictParameters = [
        Parameter("prompt", "FILE", isPath: true, "the verification prompt"),
        system,
    ]

    private static let ruleParameters = [
        Parameter("unit", "characters|words|lines", fallback: "characters", "what length counts"),
        Parameter("seed", "INTEGER", fallback: "0", "the coin's seed"),
    ]

    private static let recordedParameters = [
        Parameter("format", "rows|rewardmath|judgebench", "the file's format; recognised where left out"),
        Parameter(
            "steps", "product|minimum|last|mean", "how a list of step scores becomes one; required where one occurs"),
    ]
}

extension RewardKind {
    /// Every kind with its keys, as `--help` prints it.
    public static var help: String {
        allCases.map(\.help).joined(separator: "\n")
    }

    /// The kind's synopsis and meaning, and a line for each of its keys.
    public var help: String {
        let keys = parameters.map { parameter in
            let fallback = parameter.fallback.map { " (default \($0))" } ?? ""
            return "      \(parameter.name)=\(parameter.form)  \(parameter.meaning)\(fallback)"
        }
        return (["  \(rawValue):\(sourceForm)", "      \(meaning)"] + keys).joined(separator: "\n")
    }
}
