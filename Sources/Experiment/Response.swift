/// What a policy answered to a prompt.
public struct Response: Sendable, Hashable {
    /// Token ids, the end token included where one was reached.
    public var tokens: [Int32]
    /// The tokens as text, without the end token.
    public var text: String
    /// Whether an end token was reached, rather than the limit.
    public var hasEnded: Bool
    /// log π of each token under the policy that sampled it, at temperature 1, in nats; empty where it was not sampled.
    public var logProbabilities: [Double]

    public init(tokens: [Int32], text: String, hasEnded: Bool = true, logProbabilities: [Double] = []) {
        self.tokens = tokens
        self.text = text
        self.hasEnded = hasEnded
        self.logProbabilities = logProbabilities
    }

    /// log π(y|x) of the whole response, in nats.
    public var logProbability: Double { logProbabilities.reduce(0, +) }
}
