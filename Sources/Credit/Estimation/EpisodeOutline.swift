import Diagnostics

/// A recorded episode as estimation sees it: who decided in which block, what that cost, and how it ended.
public struct EpisodeOutline: Sendable, Hashable {
    /// In order; decisions in flight together are one block.
    public var blocks: [BlockOutline]
    /// R. It was chosen by being looked at, so it is a sample of no value.
    public var outcome: Double
    /// Where outcomes lie for certain.
    public var range: ClosedRange<Double>
    /// What one run takes besides its models' answers: the program's start, its own work, its tools.
    public var programSeconds: Double

    public init(
        blocks: [BlockOutline], outcome: Double, range: ClosedRange<Double> = 0...1, programSeconds: Double = 0
    ) {
        self.blocks = blocks
        self.outcome = outcome
        self.range = range
        self.programSeconds = programSeconds
    }
}

/// Decisions that were in flight together, and what they cost.
public struct BlockOutline: Sendable, Hashable {
    /// At least one.
    public var decisions: [DecisionOutline]
    /// What the block's decisions cost upstream when they were recorded.
    public var usage: ReplayUsage
    /// From its first request to its last answer.
    public var seconds: Double

    public init(decisions: [DecisionOutline], usage: ReplayUsage, seconds: Double = 0) {
        self.decisions = decisions
        self.usage = usage
        self.seconds = seconds
    }
}

/// One decision.
public struct DecisionOutline: Sendable, Hashable {
    /// Its number in the episode, from 0.
    public var number: Int
    /// Who decided: an agent's name.
    public var role: String

    public init(number: Int, role: String) {
        self.number = number
        self.role = role
    }
}

extension ReplayRequest {
    /// - Throws: `usage` where the request asks for what the episode does not have.
    public func check(_ episode: EpisodeOutline) throws(Diagnostic) {
        let blocks = episode.blocks.count
        guard (0...blocks).contains(prefix) else {
            throw Diagnostic(
                .usage, "a prefix of \(prefix) blocks was asked for, but the episode has \(blocks)",
                remedy: "Give a number from 0 to \(blocks)")
        }
        guard !answers.isEmpty else { return }
        let open = prefix < blocks && use != .rerun ? episode.blocks[prefix].decisions.map(\.number) : []
        guard let wrong = answers.keys.filter({ !open.contains($0) }).min() else { return }
        throw Diagnostic(
            .usage, "decision \(wrong) is not in the block after the first \(prefix)",
            remedy: "Answers can be put in for decisions \(open.map(String.init).joined(separator: ", "))")
    }
}
