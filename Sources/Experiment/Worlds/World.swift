import Diagnostics
import JSON
import Statistics

/// A prompt of a world: what the policy reads.
public struct WorldPrompt: Sendable, Hashable {
    /// Unique within the world.
    public var id: String
    /// The prompt, token by token; never empty.
    public var tokens: [Int32]
    /// What the policy reads in place of ``tokens``, where something was put into the prompt that gold and rewards do not see; `nil`: the
    /// prompt itself.
    public var hinted: [Int32]?
    /// The same as text.
    public var text: String
    /// What else the row held that the prompt came from.
    public var context: [String: JSONValue]

    /// What the policy reads.
    public var read: [Int32] { hinted ?? tokens }

    public init(id: String, tokens: [Int32], text: String, context: [String: JSONValue] = [:]) {
        self.id = id
        self.tokens = tokens
        self.text = text
        self.context = context
    }
}

/// Prompts and a *gold* outcome that no reward under test can see.
public protocol World: Sendable {
    /// `lookup`, `match`, `reduce`, `prompts`.
    var kind: String { get }
    /// All that decides the world, as it would be written in a study; canonical.
    var settings: JSONValue { get }
    /// Token ids lie in 0..<vocabularySize.
    var vocabularySize: Int { get }
    /// Prompts that are trained on.
    var prompts: [WorldPrompt] { get }
    /// Prompts that are only evaluated on. A world that means to measure on its training prompts gives the same.
    var heldOutPrompts: [WorldPrompt] { get }
    /// Which tokens may stand at each place of a response; beyond the list its last entry holds, and an empty list allows
    /// every token. A policy's probabilities are its softmax over the tokens allowed.
    var grammar: [[Int32]] { get }
    /// A response ends with one of these; empty where every response has the full length.
    var endTokens: Set<Int32> { get }
    /// A response has at most so many tokens.
    var maximumTokens: Int { get }
    /// The text of response tokens, without the end token.
    func text(of tokens: [Int32]) throws(Diagnostic) -> String
    /// The gold outcome of responses to one prompt, one number each, in the declared ``goldRange``.
    func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double]
    var goldRange: ClosedRange<Double> { get }
    /// A response as the base policy should give it, drawn from the stream; `nil` where the world has none to show.
    func demonstration(of prompt: WorldPrompt, _ stream: inout RandomStream) throws(Diagnostic) -> Response?
    /// Every response there is, where the world is small enough; `nil` elsewhere.
    var enumeration: Enumeration? { get }
}

/// Every response of a world that can be enumerated, the same list for every prompt, and what each is worth.
///
/// With it expectations, KL, entropy, pass@k, the exact gradient and the optimal policy need no sampling.
public struct Enumeration: Sendable {
    /// Distinct; the probabilities that any policy gives them sum to the probability of staying within the world.
    public var responses: [Response]
    /// Gold, [prompt of ``World/prompts``][response].
    public var gold: [[Double]]
    /// The reference policy's log-probabilities as they were specified, in nats, [prompt][response]; `nil` where a world
    /// specifies none.
    public var specifiedLogProbabilities: [[Double]]?

    public init(responses: [Response], gold: [[Double]], specifiedLogProbabilities: [[Double]]? = nil) {
        self.responses = responses
        self.gold = gold
        self.specifiedLogProbabilities = specifiedLogProbabilities
    }
}
