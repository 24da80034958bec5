import JSON
import Worlds

/// Roles that ask a model in order or in a loop: a program of agents for those who have none yet. docs/workflows.md has its YAML.
///
/// It is played like any other program: as a child whose requests go to the recording proxy (``WorkflowPlay``).
public struct Workflow: Sendable {
    public let name: String
    /// What places of prompts hold, by name, in order.
    public let values: JSONObject
    public let roles: [WorkflowRole]
    public let parts: [WorkflowPart]
    public let outcome: WorkflowOutcome

    /// All steps in the order in which they are written.
    public var steps: [WorkflowStep] { parts.flatMap(\.blocks).flatMap { $0 } }
}

/// Who asks, and how.
public struct WorkflowRole: Sendable, Hashable {
    public var name: String
    /// What requests name; a server with one model needs none.
    public var model: String?
    public var system: PromptTemplate?
    /// What else its requests hold, such as `temperature`, word for word.
    public var parameters: JSONObject
    /// Whether its earlier prompts and replies go with each request.
    public var remembers: Bool
}

/// One request.
public struct WorkflowStep: Sendable, Hashable {
    /// What prompts call its reply.
    public var name: String
    /// The number of its role.
    public var role: Int
    public var prompt: PromptTemplate
}

/// What is played in order.
public enum WorkflowPart: Sendable {
    /// Steps in flight together; most often one.
    case block([WorkflowStep])
    case loop(WorkflowLoop)

    var blocks: [[WorkflowStep]] {
        switch self {
        case .block(let steps): [steps]
        case .loop(let loop): loop.blocks
        }
    }
}

/// Blocks that are played again and again.
public struct WorkflowLoop: Sendable {
    public var blocks: [[WorkflowStep]]
    /// At most so many rounds.
    public var rounds: Int
    /// What ends it sooner, looked at after each round.
    public var until: WorkflowCondition?
}

/// Whether a pattern is found in a step's last reply.
public struct WorkflowCondition: Sendable {
    public var step: String
    let pattern: RegexGold
}

/// What the replies were worth.
public struct WorkflowOutcome: Sendable {
    /// The step whose last reply it is read from.
    public var step: String
    let rule: Rule

    enum Rule: Sendable {
        /// The number that the reply states, divided by this.
        case number(outOf: Double)
        case gold(any GoldRule)
    }
}
