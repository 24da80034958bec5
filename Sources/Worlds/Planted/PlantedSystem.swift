import Diagnostics

/// A small system of roles in which every decision's effect is known: each step gives one of a few replies, with chances that
/// may depend on earlier replies, and a rule says what the replies are worth. docs/planted.md has its YAML.
///
/// Estimates of credit are held against the values that enumeration gives; and since each prompt shows all that the reply
/// depends on, a server can play the system without keeping any state.
public struct PlantedSystem: Sendable, Hashable {
    public let name: String
    /// What `{task}` stands for in prompts.
    public let task: String
    /// In order of blocks, then as written.
    public let steps: [PlantedStep]
    /// The steps of each block, ascending; those of one block are in flight together.
    public let blocks: [Range<Int>]
    public let outcome: PlantedOutcome

    /// More ways to run through all steps than this are not enumerated.
    public static let maximumHistories = 1 << 20

    /// - Parameter blocks: the steps of each block.
    /// - Throws: `usage` where a rule names what it cannot, two steps cannot be told apart, or there are too many histories.
    public init(
        name: String, task: String = "", blocks: [[PlantedStep]], outcome: PlantedOutcome
    ) throws(Diagnostic) {
        self.name = name
        self.task = task
        self.outcome = outcome
        steps = blocks.flatMap { $0 }
        var ranges: [Range<Int>] = []
        for block in blocks {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + block.count)
        }
        self.blocks = ranges
        try PlantedCheck(system: self).check()
    }

    /// The number of the block that a step stands in.
    public func block(of step: Int) -> Int { blocks.firstIndex { $0.contains(step) } ?? blocks.count }

    /// Which step has this name.
    public func step(named name: String) -> Int? { steps.firstIndex { $0.name == name } }
}

/// One decision of a planted system.
public struct PlantedStep: Sendable, Hashable {
    /// What prompts and rules call its reply.
    public var name: String
    /// Who decides.
    public var role: String
    /// The system text that a request for this step carries, if it matters.
    public var system: String?
    public var prompt: PromptTemplate
    /// Texts that its reply may have: the first ``replies`` are drawn, the others can only be put in its place. The empty
    /// text is always among them.
    public let texts: [String]
    /// How many of the texts are drawn.
    public let replies: Int
    public var chances: PlantedChances
    /// By a model's name, the chances under that model; any other name gives the step's own.
    public var models: [String: PlantedChances]

    /// - Parameters:
    ///   - replies: what it may reply.
    ///   - also: further texts that may be put in the reply's place.
    public init(
        name: String, role: String, system: String? = nil, prompt: PromptTemplate, replies: [String],
        also: [String] = [], chances: PlantedChances, models: [String: PlantedChances] = [:]
    ) {
        self.name = name
        self.role = role
        self.system = system
        self.prompt = prompt
        self.replies = replies.count
        texts =
            replies + (also + [""]).reduce(into: []) { if !replies.contains($1), !$0.contains($1) { $0.append($1) } }
        self.chances = chances
        self.models = models
    }

    /// A step has no more texts than this.
    public static let maximumTexts = 64

    /// The place of the empty text among ``texts``.
    public var empty: Int { texts.firstIndex(of: "") ?? texts.count }

    /// The place of a text.
    ///
    /// - Throws: `usage` where the system does not know it.
    public func index(of text: String) throws(Diagnostic) -> Int {
        if let index = texts.firstIndex(of: text) { return index }
        throw Diagnostic(
            .usage, "the planted system knows no reply '\(text.prefix(80))' of the step \(name)",
            at: .init(field: name),
            remedy: "Its replies are \(texts.map { "'\($0)'" }.joined(separator: ", ")); list others under 'also'")
    }
}

/// What the replies of one run are: by step, the place of its text among the step's texts; `nil` where it has not replied.
public struct PlantedHistory: Sendable, Hashable {
    public var replies: [Int?]

    public init(replies: [Int?]) { self.replies = replies }

    /// Nothing has been said.
    public init(of system: PlantedSystem) { replies = Array(repeating: nil, count: system.steps.count) }

    public subscript(step: Int) -> Int? {
        get { replies[step] }
        set { replies[step] = newValue }
    }

    /// The same without the replies of this step and all later ones.
    public func prefix(_ steps: Int) -> PlantedHistory {
        PlantedHistory(replies: replies.enumerated().map { $0.offset < steps ? $0.element : nil })
    }
}

/// One run: what was said, and what came out.
public struct PlantedEpisode: Sendable, Hashable {
    public var history: PlantedHistory
    public var outcome: Double

    public init(history: PlantedHistory, outcome: Double) {
        self.history = history
        self.outcome = outcome
    }
}
