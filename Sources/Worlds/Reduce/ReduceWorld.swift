import Diagnostics
import Experiment
import JSON
import RealModule
import Statistics

/// A world of products: a prompt is k elements of a group, and the response writes out the k − 1 partial products.
///
/// Truth is known at any k. A wrong step makes the answer wrong unless a later one mends it, so errors compound; and a step is
/// checked by one product, so checking is easier than solving.
///
/// Token ids: the group's elements, then `=`, then the end. A prompt is `x₁ … x_k =`; a response is k − 1 elements and the end.
public struct ReduceWorld: World {
    public let parameters: Settings
    public let elements: FiniteGroup
    public let prompts: [WorldPrompt]
    public let heldOutPrompts: [WorldPrompt]
    public let enumeration: Enumeration?

    /// Responses that are listed, at most.
    static let maximumResponses = 4096

    /// - Throws: `usage` where there are not that many different prompts.
    public init(_ settings: Settings) throws(Diagnostic) {
        let elements = FiniteGroup(settings.group, degree: settings.order)
        var (training, heldOut) = ([WorldPrompt](), [WorldPrompt]())
        for length in settings.lengths {
            let drawn = try Self.prompts(ofLength: length, elements, settings)
            training += drawn.prefix(settings.prompts)
            heldOut += drawn.dropFirst(settings.prompts)
        }
        parameters = settings
        self.elements = elements
        prompts = training
        heldOutPrompts = heldOut
        enumeration = Self.enumeration(of: training, elements, settings)
    }

    public var kind: String { WorldKind.reduce.rawValue }
    public var settings: JSONValue { parameters.json }
    public var vocabularySize: Int { elements.count + 2 }
    public var endTokens: Set<Int32> { [endToken] }
    public var maximumTokens: Int { longest }
    public var goldRange: ClosedRange<Double> { .probability }

    /// Elements alone, as long as every prompt still wants one; then elements or the end; at the last place the end.
    public var grammar: [[Int32]] {
        let all = elementTokens
        let sure = Array(repeating: all, count: shortest - 1)
        return sure + Array(repeating: all + [endToken], count: longest - shortest) + [[endToken]]
    }

    var equalsToken: Int32 { Int32(elements.count) }
    var endToken: Int32 { Int32(elements.count) + 1 }
    private var elementTokens: [Int32] { Array(0..<Int32(elements.count)) }
    private var shortest: Int { parameters.lengths.first ?? 2 }
    private var longest: Int { parameters.lengths.last ?? 2 }
}

extension ReduceWorld {
    /// Different prompts of a length, in random order: those to train on first.
    private static func prompts(
        ofLength length: Int, _ elements: FiniteGroup, _ settings: Settings
    ) throws(Diagnostic) -> [WorldPrompt] {
        let wanted = settings.prompts + settings.heldOut
        let space = Double.pow(Double(elements.count), length)
        guard Double(wanted) <= space else {
            throw Diagnostic(
                .usage, "there are only \(Int(space)) products of \(length) elements, but \(wanted) prompts are wanted",
                at: .init(field: "world.prompts"), remedy: "Give fewer prompts, a larger group or longer products")
        }
        var stream = RandomStream(seed: UInt64(settings.seed), purpose: "reduce prompts", item: UInt64(length))
        return distinct(wanted, ofLength: length, base: elements.count, space: space, &stream).map {
            prompt($0, elements)
        }
    }

    private static func distinct(
        _ wanted: Int, ofLength length: Int, base: Int, space: Double, _ stream: inout RandomStream
    ) -> [[Int32]] {
        if space <= 1_048_576 {
            return stream.sample(wanted, of: Int(space)).map { digits(of: $0, count: length, base: base) }
        }
        var seen: Set<[Int32]> = []
        var found: [[Int32]] = []
        while found.count < wanted {
            let word = (0..<length).map { _ in Int32(stream.below(base)) }
            if seen.insert(word).inserted { found.append(word) }
        }
        return found
    }

    private static func digits(of number: Int, count: Int, base: Int) -> [Int32] {
        var rest = number
        return (0..<count).map { _ in
            defer { rest /= base }
            return Int32(rest % base)
        }
    }

    private static func prompt(_ word: [Int32], _ elements: FiniteGroup) -> WorldPrompt {
        let text = (word.map { elements.names[Int($0)] } + ["="]).joined(separator: " ")
        return WorldPrompt(id: text, tokens: word + [Int32(elements.count)], text: text)
    }
}

extension ReduceWorld {
    /// Every response, where all prompts have one length and the responses are few.
    private static func enumeration(
        of prompts: [WorldPrompt], _ elements: FiniteGroup, _ settings: Settings
    ) -> Enumeration? {
        guard settings.lengths.count == 1, let length = settings.lengths.first else { return nil }
        let space = Double.pow(Double(elements.count), length - 1)
        guard space <= Double(maximumResponses) else { return nil }
        let all = (0..<Int(space)).map { digits(of: $0, count: length - 1, base: elements.count) }
        let steps = prompts.map { prompt in all.map { stepsHold($0, prompt.tokens.dropLast(), elements) } }
        let truths = prompts.map { elements.partialProducts($0.tokens.dropLast()).last }
        return Enumeration(
            responses: all.map { response($0, elements) },
            gold: truths.map { truth in all.map { $0.last == truth ? 1 : 0 } },
            specifiedLogProbabilities: settings.error > 0
                ? steps.map { $0.map { logProbability(of: $0, elements, settings) } } : nil)
    }

    static func response(_ products: [Int32], _ elements: FiniteGroup) -> Response {
        Response(
            tokens: products + [Int32(elements.count) + 1],
            text: products.map { elements.names[Int($0)] }.joined(separator: " "))
    }

    /// log of the probability of a demonstration with these steps right and wrong, in nats.
    private static func logProbability(of steps: [Bool], _ elements: FiniteGroup, _ settings: Settings) -> Double {
        let right = Double.log(1 - settings.error)
        let wrong = Double.log(settings.error / Double(elements.count - 1))
        return steps.reduce(0) { $0 + ($1 ? right : wrong) }
    }

    /// Whether each written product follows from the one written before it.
    private static func stepsHold(
        _ written: [Int32], _ word: ArraySlice<Int32>, _ elements: FiniteGroup
    ) -> [Bool] {
        guard var before = word.first else { return [] }
        return zip(written, word.dropFirst()).map { step, factor in
            defer { before = step }
            return elements.product(before, factor) == step
        }
    }
}

extension ReduceWorld {
    public func text(of tokens: [Int32]) throws(Diagnostic) -> String {
        var words: [String] = []
        for token in tokens where token != endToken {
            guard (0...equalsToken).contains(token) else {
                throw Diagnostic(.badData, "\(token) is no token of the reduce world")
            }
            words.append(token == equalsToken ? "=" : elements.names[Int(token)])
        }
        return words.joined(separator: " ")
    }

    /// 1 where the last element written is the product of the prompt's elements, else 0; how many steps were written, and
    /// whether they are right, does not count.
    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let truth = try product(of: prompt)
        var values: [Double] = []
        for response in responses { values.append(try written(response).last == truth ? 1 : 0) }
        return values
    }

    /// The share of steps that are right given what was written before them. Steps that are missing or too many count as
    /// wrong: the share is of k − 1 or of the steps written, whichever is more.
    ///
    /// - Throws: `badData` where prompt or response is none of this world.
    public func stepsCorrect(_ response: Response, to prompt: WorldPrompt) throws(Diagnostic) -> Double {
        let word = try word(of: prompt)
        let written = try written(response)
        let steps = Self.stepsHold(written, word, elements)
        return Double(steps.count { $0 }) / Double(max(word.count - 1, written.count))
    }

    public func demonstration(
        of prompt: WorldPrompt, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Response? {
        let word = try word(of: prompt)
        guard var product = word.first else { return nil }
        var products: [Int32] = []
        for factor in word.dropFirst() {
            product = elements.product(product, factor)
            if stream.uniform() < parameters.error {
                let shift = 1 + stream.below(elements.count - 1)
                product = Int32((Int(product) + shift) % elements.count)
            }
            products.append(product)
        }
        return Self.response(products, elements)
    }

    /// The product of the prompt's elements.
    ///
    /// - Throws: `badData` where the prompt is none of this world.
    public func product(of prompt: WorldPrompt) throws(Diagnostic) -> Int32 {
        elements.partialProducts(try word(of: prompt)).last ?? 0
    }

    private func word(of prompt: WorldPrompt) throws(Diagnostic) -> ArraySlice<Int32> {
        let word = prompt.tokens.dropLast()
        guard word.count >= 2, prompt.tokens.last == equalsToken, word.allSatisfy((0..<equalsToken).contains) else {
            throw Diagnostic(.badData, "'\(prompt.id)' is no prompt of this reduce world")
        }
        return word
    }

    private func written(_ response: Response) throws(Diagnostic) -> [Int32] {
        let products = response.tokens.last == endToken ? response.tokens.dropLast() : response.tokens[...]
        guard products.allSatisfy((0..<equalsToken).contains) else {
            throw Diagnostic(.badData, "the tokens \(response.tokens) are no response of the reduce world")
        }
        return Array(products)
    }
}
