/// What a reward spec's first word may be.
public enum RewardKind: String, Sendable, Hashable, CaseIterable {
    case explicit, implicit, endogenous, likelihood, verdict, rule, recorded, remote, judge, mean, min
    // Kinds that need what only a run knows: gold, the sampling policy, the other groups of its batch.
    case gold, planted, learned, vote, confidence
    case referenceLikelihood = "reference-likelihood"
    case bonus, sham
}

extension RewardKind {
    /// What follows the colon in a spec of this kind.
    public enum Source: Sendable, Hashable {
        /// A checkpoint's folder.
        case checkpoint
        /// A file.
        case file
        /// The address of a served model, up to `/v1`.
        case address
        /// One of a few names; an empty list where the kind says it all and nothing follows it.
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
        case .remote, .judge: .address
        case .rule: .name(["length", "markdown", "coin"])
        case .bonus: .name(BonusName.allCases.map(\.rawValue))
        case .mean, .min, .sham: .members
        case .gold, .planted, .learned, .vote, .confidence, .referenceLikelihood: .name([])
        }
    }

    /// Whether nothing follows the kind but keys.
    public var takesNoSource: Bool { source == .name([]) }

    /// Whether the kind has a meaning inside a run only, so that rows of a file cannot be scored by it.
    public var needsRun: Bool {
        switch self {
        case .gold, .planted, .learned, .vote, .confidence, .referenceLikelihood, .bonus, .sham: true
        case .explicit, .implicit, .endogenous, .likelihood, .verdict, .rule, .recorded, .remote, .judge, .mean, .min:
            false
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
        case .remote: "scores of a served reward model, or log π(y|x) of a served language model"
        case .judge: "a served model's grade of each response, or its choices between them"
        case .mean: "the (weighted) mean of the members' scores"
        case .min: "the smallest of the members' scores"
        case .gold: "the world's gold outcome"
        case .planted: "gold's own values, permuted among equally likely responses down to a set accuracy"
        case .learned: "a Bradley-Terry reward model trained on labelled pairs of the run's world"
        case .vote: "the share of the group's responses that give the same answer"
        case .confidence: "the mean log-probability a token under the policy that sampled the response"
        case .referenceLikelihood: "the reference policy's probability of the gold answer after prompt and chain"
        case .bonus: "for length, for differing from the rest of the group, or for what was seldom seen"
        case .sham: "another reward's scores, shuffled over the batch: the same distribution, no information"
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
        case .remote: Self.remoteParameters
        case .judge: Self.judgeParameters
        case .mean: [Parameter("weights", "NUMBER:NUMBER:…", "one weight a member; equal where left out")]
        case .min, .gold, .sham: []
        case .planted: Self.plantedParameters
        case .learned: Self.learnedParameters
        case .vote: Self.answerParameters
        case .confidence: [Parameter("normalize", "none|tokens", fallback: "tokens", "divide by the number of tokens")]
        case .referenceLikelihood: Self.referenceLikelihoodParameters
        case .bonus: Self.bonusParameters
        }
    }

    /// How a spec of this kind is written, such as `explicit:DIR?pool=last|mean|hf`.
    public var synopsis: String {
        let keys = parameters.map { "\($0.name)=\($0.form)" }
        return head + (keys.isEmpty ? "" : "?" + keys.joined(separator: "&"))
    }

    /// The kind and its source as they are written.
    private var head: String { takesNoSource ? rawValue : "\(rawValue):\(sourceForm)" }

    /// What the source looks like.
    var sourceForm: String {
        switch source {
        case .checkpoint: "DIR"
        case .file: "FILE"
        case .address: "URL"
        case .name(let names): names.joined(separator: "|")
        case .members: self == .sham ? "[SPEC]" : "[SPEC,SPEC,…]"
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

    private static let connectionParameters = [
        Parameter("key-from", "NAME", fallback: "OPENAI_API_KEY", "the environment variable that holds the API key"),
        Parameter("timeout", "SECONDS", fallback: "120", "how long one request may take"),
        Parameter("attempts", "INTEGER", fallback: "5", "how often a request is tried that fails in passing"),
        Parameter("parallel", "INTEGER", fallback: "8", "requests in flight together"),
    ]

    private static let remoteParameters =
        [
            Parameter("model", "NAME", "the model's name on the server; required but for mode=rewards"),
            Parameter("mode", "rewards|prompt-logprobs|echo", fallback: "rewards", "what is asked for"),
            Parameter("normalize", "none|tokens", fallback: "none", "divide log π(y|x) by the number of tokens"),
        ] + connectionParameters

    private static let judgeParameters =
        [
            Parameter("model", "NAME", "the model's name on the server; required"),
            Parameter("mode", "grade|pairwise", fallback: "grade", "a number for each, or choices between two"),
            Parameter("prompt", "FILE", isPath: true, "the question"),
            system,
            Parameter("range", "LOW:HIGH", fallback: "1:10", "the grades that count"),
            Parameter("samples", "INTEGER", fallback: "1", "answers to each question, averaged"),
            Parameter("temperature", "NUMBER", fallback: "0", "from 0 to 2"),
            Parameter("seed", "INTEGER", fallback: "0", "sent with each question"),
            Parameter("max-tokens", "INTEGER", "the longest answer; the server's own where left out"),
        ] + connectionParameters

    private static let recordedParameters = [
        Parameter("format", "rows|rewardmath|judgebench", "the file's format; recognised where left out"),
        Parameter(
            "steps", "product|minimum|last|mean", "how a list of step scores becomes one; required where one occurs"),
    ]
}

extension RewardKind {
    static let plantedParameters = [
        Parameter("accuracy", "NUMBER", "the share of pairs in the right order, from 0 to 1; required"),
        Parameter("seed", "INTEGER", "which permutation; the run's seed where left out"),
    ]

    static let learnedParameters = [
        Parameter(
            "mechanism", "label-noise|early-stopping|capacity", fallback: "label-noise", "what limits its accuracy"),
        Parameter(
            "level", "NUMBER",
            "how much of the mechanism: share of labels flipped, updates, or width (layers, in worlds that are not listed)"
        ),
        Parameter("learning-rate", "NUMBER", "of its training; by default 0.01, from a checkpoint's weights 5e-5"),
        Parameter("pairs", "INTEGER", "labelled pairs that it is trained on"),
        Parameter("style-correlation", "NUMBER", "correlation of style and label in the pairs, from 0 to 1"),
        Parameter("seed", "INTEGER", "the training's seed; the run's where left out"),
    ]

    static let answerParameters = [
        Parameter("answer", "whole|last-word", fallback: "whole", "which part of a response is its answer"),
        Parameter("after", "TEXT", "the answer follows the last such mark; without one there is none"),
        Parameter("pattern", "REGEX", "the answer is the last match's first group, or the match"),
    ]

    static let referenceLikelihoodParameters = [
        Parameter(
            "chain", "whole|but-last", fallback: "whole", "the response without its end, or without its last token too"),
        Parameter("after", "TEXT", "the chain ends with the first such mark, where there is one"),
        Parameter("scale", "probability|log", fallback: "probability", "π(a*|x,c), or its logarithm"),
    ]

    static let bonusParameters = [
        Parameter("weight", "NUMBER", fallback: "1", "what the bonus is multiplied by; may be negative"),
        Parameter("unit", "tokens|characters|words", fallback: "tokens", "what length counts"),
        Parameter("target", "NUMBER", "the length that is best: the score is −|length − target|"),
    ]
}

extension RewardKind {
    /// Every kind by which rows of a file can be scored, with its keys, as `--help` prints it.
    public static var help: String { allCases.filter { !$0.needsRun }.map(\.help).joined(separator: "\n") }

    /// The kinds that exist inside a run only, with their keys.
    public static var runHelp: String { allCases.filter(\.needsRun).map(\.help).joined(separator: "\n") }

    /// The kind's synopsis and meaning, and a line for each of its keys.
    public var help: String {
        let keys = parameters.map { parameter in
            let fallback = parameter.fallback.map { " (default \($0))" } ?? ""
            return "      \(parameter.name)=\(parameter.form)  \(parameter.meaning)\(fallback)"
        }
        return (["  \(head)", "      \(meaning)"] + keys).joined(separator: "\n")
    }
}
