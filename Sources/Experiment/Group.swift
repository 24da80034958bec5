import JSON
import Text

/// A prompt as the user wrote it: plain text (one user turn, where a chat template renders it) or a dialogue.
public enum Prompt: Sendable, Hashable {
    case text(String)
    case messages([ChatMessage])

    /// The prompt as a dialogue; plain text becomes one user message.
    public var messages: [ChatMessage] {
        switch self {
        case .text(let text): [ChatMessage(role: "user", content: text)]
        case .messages(let messages): messages
        }
    }
}

/// The responses to one prompt, which a ``Reward`` scores together.
public struct Group: Sendable {
    /// Names the group in output and errors; unique within an input.
    public var id: String
    public var prompt: Prompt
    /// The responses in input order; never empty, no response empty.
    public var responses: [String]
    /// Where the group was read from, for errors.
    public var source: SourceLine?
    /// What else the row held, such as scores that somebody else computed.
    public var context: [String: JSONValue]
    /// What a run knows of the group; `nil` where rows are scored from a file.
    public var sampled: Sampled?

    /// Where in a run a group was sampled, and its responses as the policy gave them.
    public struct Sampled: Sendable {
        /// The prompt's place in the world's list.
        public var promptIndex: Int
        public var prompt: WorldPrompt
        /// Updates made before the group was sampled.
        public var step: Int
        /// Run parallel to ``Group/responses``.
        public var responses: [Response]

        public init(promptIndex: Int, prompt: WorldPrompt, step: Int, responses: [Response]) {
            self.promptIndex = promptIndex
            self.prompt = prompt
            self.step = step
            self.responses = responses
        }
    }

    public struct SourceLine: Sendable, Hashable {
        public var file: String
        /// Counted from 1.
        public var line: Int
        public init(file: String, line: Int) {
            self.file = file
            self.line = line
        }
    }

    public init(
        id: String, prompt: Prompt, responses: [String], source: SourceLine? = nil, context: [String: JSONValue] = [:]
    ) {
        self.id = id
        self.prompt = prompt
        self.responses = responses
        self.source = source
        self.context = context
    }
}

/// What a ``Reward`` says of one group; arrays run parallel to the group's responses.
public struct GroupScore: Sendable, Hashable {
    public var id: String
    /// One score a response. A reward that cannot score a response throws; a score is never NaN.
    public var scores: [Double]
    /// Tokens that were scored, a response (prompt and response together); 0 where the reward reads no tokens.
    public var tokens: [Int]
    /// Whether the response (or its prompt) was cut to the maximum length.
    public var truncated: [Bool]
    /// The rewards of a response's tokens, where the reward has them and they were asked for.
    public var perToken: [[Double]]?

    public init(
        id: String, scores: [Double], tokens: [Int]? = nil, truncated: [Bool]? = nil, perToken: [[Double]]? = nil
    ) {
        self.id = id
        self.scores = scores
        self.tokens = tokens ?? Array(repeating: 0, count: scores.count)
        self.truncated = truncated ?? Array(repeating: false, count: scores.count)
        self.perToken = perToken
    }
}

extension Group {
    /// A group that a run sampled. Unlike a row's, its responses may be empty texts.
    public init(_ sampled: Sampled) {
        self.init(
            id: sampled.prompt.id, prompt: .text(sampled.prompt.text), responses: sampled.responses.map(\.text),
            context: sampled.prompt.context)
        self.sampled = sampled
    }
}
