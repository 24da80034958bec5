import Diagnostics
import Experiment
import Statistics

extension MatchWorld {
    /// What a response of the world is made of, each counted from 0.
    public struct Attributes: Sendable, Hashable {
        public var content: Int
        public var style: Int
        /// How many fillers stand after the style.
        public var length: Int

        static let filler = "very"

        public init(content: Int, style: Int, length: Int) {
            self.content = content
            self.style = style
            self.length = length
        }

        var text: String {
            (["c\(content)", "s\(style)"] + Array(repeating: Self.filler, count: length)).joined(separator: " ")
        }
    }

    /// The name of one of a response's attributes.
    public enum Attribute: String, Sendable, CaseIterable {
        case content, style, length
    }

    /// How many values an attribute has.
    public func count(of attribute: Attribute) -> Int {
        switch attribute {
        case .content: parameters.contents
        case .style: parameters.styles
        case .length: parameters.lengths
        }
    }

    /// The response that has these attributes.
    ///
    /// - Precondition: each lies within its ``count(of:)``.
    public func response(_ attributes: Attributes) -> Response { Self.response(attributes, vocabulary) }

    /// What a response is made of.
    ///
    /// - Throws: `badData` where the tokens are not one content, one style, fillers and the end.
    public func attributes(of response: Response) throws(Diagnostic) -> Attributes {
        let tokens = response.tokens
        guard (3...maximumTokens).contains(tokens.count), vocabulary.contents.contains(tokens[0]),
            vocabulary.styles.contains(tokens[1]), tokens.last == vocabulary.end,
            tokens[2..<tokens.count - 1].allSatisfy({ $0 == vocabulary.filler })
        else { throw Diagnostic(.badData, "the tokens \(tokens) are no response of the match world") }
        return Attributes(
            content: Int(tokens[0] - vocabulary.contents.lowerBound),
            style: Int(tokens[1] - vocabulary.styles.lowerBound), length: tokens.count - 3)
    }

    /// The same response with one attribute set to another value, drawn uniformly from the others; the response itself where
    /// the attribute has one value only. It has no log-probabilities, for no policy sampled it.
    ///
    /// - Throws: `badData` where the response is none of this world.
    public func flipped(
        _ attribute: Attribute, of response: Response, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Response {
        var attributes = try attributes(of: response)
        let others = count(of: attribute) - 1
        guard others > 0 else { return self.response(attributes) }
        attributes[attribute] = (attributes[attribute] + 1 + stream.below(others)) % (others + 1)
        return self.response(attributes)
    }

    /// A prompt of another topic, drawn uniformly from those of the same list: held-out ones for a held-out prompt.
    ///
    /// - Throws: `badData` where the prompt is none of this world.
    public func promptOfAnotherTopic(
        than prompt: WorldPrompt, _ stream: inout RandomStream
    ) throws(Diagnostic) -> WorldPrompt {
        let topicToken = vocabulary.topics.lowerBound + Int32(try topic(of: prompt))
        let list = heldOutPrompts.contains(prompt) ? heldOutPrompts : prompts
        let others = list.filter { $0.tokens[0] != topicToken }
        return others[stream.below(others.count)]
    }
}

extension MatchWorld.Attributes {
    /// The value of the attribute that is named.
    public subscript(attribute: MatchWorld.Attribute) -> Int {
        get {
            switch attribute {
            case .content: content
            case .style: style
            case .length: length
            }
        }
        set {
            switch attribute {
            case .content: content = newValue
            case .style: style = newValue
            case .length: length = newValue
            }
        }
    }
}
