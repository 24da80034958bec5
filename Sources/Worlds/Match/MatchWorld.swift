import Diagnostics
import Experiment
import JSON
import RealModule
import Statistics

/// A world where a response has a content, a style and a length, and gold asks only whether the content fits the prompt.
///
/// A prompt is a topic's symbol and a symbol of noise; content c fits topic c. A response is a content token, a style token,
/// `length` fillers and the end token. The base policy picks the three attributes independently of each other, and style and
/// length also independently of the prompt.
///
/// Which variants of a topic are held out goes round with the topic, so that every noise symbol occurs in training.
public struct MatchWorld: World {
    public let parameters: Settings
    public let prompts: [WorldPrompt]
    public let heldOutPrompts: [WorldPrompt]
    private let table: Enumeration

    /// - Precondition: the settings were read by ``Settings/init(_:)`` or keep its bounds.
    public init(_ settings: Settings) {
        let vocabulary = Vocabulary(settings)
        let variants = Self.promptsByHolding(settings, vocabulary)
        let prompts = variants.filter { !$0.isHeldOut }.map(\.prompt)
        parameters = settings
        self.prompts = prompts
        heldOutPrompts = variants.filter(\.isHeldOut).map(\.prompt)
        table = Self.table(settings, vocabulary, prompts: prompts)
    }

    public var kind: String { WorldKind.match.rawValue }
    public var settings: JSONValue { parameters.json }
    public var vocabularySize: Int { vocabulary.count }
    public var endTokens: Set<Int32> { [vocabulary.end] }
    /// Content, style, the longest filler and the end.
    public var maximumTokens: Int { parameters.lengths + 2 }
    public var goldRange: ClosedRange<Double> { .probability }
    public var enumeration: Enumeration? { table }

    public var grammar: [[Int32]] {
        let fillers = Array(repeating: [vocabulary.filler, vocabulary.end], count: parameters.lengths - 1)
        return [Array(vocabulary.contents), Array(vocabulary.styles)] + fillers + [[vocabulary.end]]
    }

    /// Which token stands for what.
    var vocabulary: Vocabulary { Vocabulary(parameters) }

    /// Token ids: contents, styles, filler, end, topics, noise, in this order.
    struct Vocabulary {
        let contents: Range<Int32>
        let styles: Range<Int32>
        let topics: Range<Int32>
        let noise: Range<Int32>

        init(_ settings: Settings) {
            contents = 0..<Int32(settings.contents)
            styles = contents.upperBound..<contents.upperBound + Int32(settings.styles)
            topics = styles.upperBound + 2..<styles.upperBound + 2 + Int32(settings.contents)
            noise = topics.upperBound..<topics.upperBound + Int32(settings.noise)
        }

        var filler: Int32 { styles.upperBound }
        var end: Int32 { styles.upperBound + 1 }
        var count: Int { Int(noise.upperBound) }
    }

    private static func promptsByHolding(
        _ settings: Settings, _ vocabulary: Vocabulary
    ) -> [(prompt: WorldPrompt, isHeldOut: Bool)] {
        (0..<settings.contents).flatMap { topic in
            (0..<settings.noise).map { noise in
                let name = "t\(topic) n\(noise)"
                let tokens = [vocabulary.topics.lowerBound + Int32(topic), vocabulary.noise.lowerBound + Int32(noise)]
                let turned = (noise + settings.noise - topic % settings.noise) % settings.noise
                return (WorldPrompt(id: name, tokens: tokens, text: name), turned < settings.heldOut)
            }
        }
    }
}

extension MatchWorld {
    private static func table(
        _ settings: Settings, _ vocabulary: Vocabulary, prompts: [WorldPrompt]
    ) -> Enumeration {
        let all = allAttributes(settings)
        // Gold and probabilities depend on the topic alone.
        let topics = (0..<settings.contents).map { topic in
            (
                gold: all.map { $0.content == topic ? 1.0 : 0.0 },
                log: all.map { logProbability(of: $0, topic: topic, settings) }
            )
        }
        let rows = prompts.map { topics[Int($0.tokens[0] - vocabulary.topics.lowerBound)] }
        return Enumeration(
            responses: all.map { response($0, vocabulary) }, gold: rows.map(\.gold),
            specifiedLogProbabilities: rows.map(\.log))
    }

    private static func allAttributes(_ settings: Settings) -> [Attributes] {
        (0..<settings.contents).flatMap { content in
            (0..<settings.styles).flatMap { style in
                (0..<settings.lengths).map { Attributes(content: content, style: style, length: $0) }
            }
        }
    }

    /// log of the base policy's probability of a response to a prompt of a topic, in nats.
    private static func logProbability(of attributes: Attributes, topic: Int, _ settings: Settings) -> Double {
        let content = contentWeights(topic: topic, settings)[attributes.content]
        let style = weights(settings.styles, decay: settings.styleDecay)[attributes.style]
        let length = weights(settings.lengths, decay: settings.lengthDecay)[attributes.length]
        return Double.log(content) + Double.log(style) + Double.log(length)
    }

    /// The base policy's probabilities of the contents.
    static func contentWeights(topic: Int, _ settings: Settings) -> [Double] {
        let other = (1 - settings.baseFit) / Double(settings.contents - 1)
        return (0..<settings.contents).map { $0 == topic ? settings.baseFit : other }
    }

    /// Probabilities that fall by a ratio from one to the next.
    static func weights(_ count: Int, decay: Double) -> [Double] {
        let logWeights = (0..<count).map { Double($0) * Double.log(decay) }
        let largest = logWeights.max() ?? 0
        let weights = logWeights.map { Double.exp($0 - largest) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    static func response(_ attributes: Attributes, _ vocabulary: Vocabulary) -> Response {
        let head = [
            vocabulary.contents.lowerBound + Int32(attributes.content),
            vocabulary.styles.lowerBound + Int32(attributes.style),
        ]
        let fillers = Array(repeating: vocabulary.filler, count: attributes.length)
        return Response(tokens: head + fillers + [vocabulary.end], text: attributes.text)
    }
}

extension MatchWorld {
    /// The response as text: `c3 s1 very very`.
    public func text(of tokens: [Int32]) throws(Diagnostic) -> String {
        var words: [String] = []
        for token in tokens where token != vocabulary.end { words.append(try word(token)) }
        return words.joined(separator: " ")
    }

    private func word(_ token: Int32) throws(Diagnostic) -> String {
        switch token {
        case vocabulary.contents: return "c\(token - vocabulary.contents.lowerBound)"
        case vocabulary.styles: return "s\(token - vocabulary.styles.lowerBound)"
        case vocabulary.filler: return Attributes.filler
        case vocabulary.topics: return "t\(token - vocabulary.topics.lowerBound)"
        case vocabulary.noise: return "n\(token - vocabulary.noise.lowerBound)"
        default: throw Diagnostic(.badData, "\(token) is no token of the match world")
        }
    }

    /// 1 where the content fits the prompt's topic, else 0; the content is the first token, whatever follows.
    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let topic = try topic(of: prompt)
        var values: [Double] = []
        for response in responses {
            guard let first = response.tokens.first, vocabulary.contents.contains(first) else {
                throw Diagnostic(.badData, "the tokens \(response.tokens) are no response of the match world")
            }
            values.append(Int(first - vocabulary.contents.lowerBound) == topic ? 1 : 0)
        }
        return values
    }

    public func demonstration(
        of prompt: WorldPrompt, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Response? {
        let topic = try topic(of: prompt)
        return response(
            Attributes(
                content: stream.index(weights: Self.contentWeights(topic: topic, parameters)),
                style: stream.index(weights: Self.weights(parameters.styles, decay: parameters.styleDecay)),
                length: stream.index(weights: Self.weights(parameters.lengths, decay: parameters.lengthDecay))))
    }

    /// Which content fits a prompt.
    public func topic(of prompt: WorldPrompt) throws(Diagnostic) -> Int {
        guard prompt.tokens.count == 2, let first = prompt.tokens.first, vocabulary.topics.contains(first) else {
            throw Diagnostic(.badData, "'\(prompt.id)' is no prompt of this match world")
        }
        return Int(first - vocabulary.topics.lowerBound)
    }
}
