/// A prompt with one response, as token ids.
public struct EncodedResponse: Sendable, Hashable {
    /// The whole rendering, the template's tail included.
    public var tokens: [Int32]
    /// The response's tokens: from the end of the generation prompt through the end-of-turn token; the template's tail
    /// comes after.
    public var response: Range<Int>
    /// Whether the prompt or the response was cut to the maximum length.
    public var isTruncated: Bool

    public init(tokens: [Int32], response: Range<Int>, isTruncated: Bool = false) {
        self.tokens = tokens
        self.response = response
        self.isTruncated = isTruncated
    }

    /// The rendering without the template's tail: what a reward that reads response tokens needs.
    public var tokensThroughResponse: [Int32] { Array(tokens[..<response.upperBound]) }
}
