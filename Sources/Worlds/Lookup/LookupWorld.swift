import Diagnostics
import Experiment
import JSON
import RealModule
import Statistics

/// A world of tables: to each prompt the policy answers with one token, and what each answer is worth and how likely the base
/// policy gives it are specified.
///
/// The vocabulary is the answers, so the policy's softmax is exactly over the responses. A prompt is its number, written in
/// base `answers` with a fixed number of digits (at least 2), so its tokens lie in the same vocabulary.
///
/// For each prompt a seeded permutation deals the answers into classes, m = answers/classes to each. The answers of a class are
/// equally likely under the reference, class c has the weight decay^c, and every class holds the same multiset of gold. So gold
/// is independent of the reference probability, and a reward may permute values within a class without changing anything that
/// the reference policy can tell.
public struct LookupWorld: World {
    public let parameters: Settings
    public let prompts: [WorldPrompt]
    private let table: Enumeration
    private let indexOfPrompt: [String: Int]

    /// Cells of the table of prompts by answers, at most.
    static let maximumCells = 1 << 24

    /// - Precondition: the settings were read by ``Settings/init(_:)`` or keep its bounds.
    public init(_ settings: Settings) {
        parameters = settings
        let digits = Self.digits(of: settings)
        prompts = (0..<settings.prompts).map { Self.prompt($0, digits: digits, base: settings.answers) }
        table = Self.table(settings)
        indexOfPrompt = Dictionary(uniqueKeysWithValues: prompts.indices.map { (Self.name($0), $0) })
    }

    public var kind: String { WorldKind.lookup.rawValue }
    public var settings: JSONValue { parameters.json }
    public var vocabularySize: Int { parameters.answers }
    /// The training prompts: what is measured here is what was learned of them.
    public var heldOutPrompts: [WorldPrompt] { prompts }
    public var grammar: [[Int32]] { [] }
    public var endTokens: Set<Int32> { [] }
    public var maximumTokens: Int { 1 }
    public var goldRange: ClosedRange<Double> { .probability }
    public var enumeration: Enumeration? { table }

    /// Tokens of a prompt.
    public static func digits(of settings: Settings) -> Int {
        var digits = 1
        var rest = (settings.prompts - 1) / settings.answers
        while rest > 0 {
            digits += 1
            rest /= settings.answers
        }
        return max(2, digits)
    }

    private static func name(_ index: Int) -> String { "q\(index)" }

    private static func prompt(_ index: Int, digits: Int, base: Int) -> WorldPrompt {
        var tokens: [Int32] = []
        var rest = index
        for _ in 0..<digits {
            tokens.append(Int32(rest % base))
            rest /= base
        }
        return WorldPrompt(id: name(index), tokens: tokens.reversed(), text: name(index))
    }
}

extension LookupWorld {
    private static func table(_ settings: Settings) -> Enumeration {
        let values = goldOfClass(settings.gold, count: settings.answers / settings.classes)
        let logs = classLogProbabilities(settings)
        var gold: [[Double]] = []
        var logProbabilities: [[Double]] = []
        for prompt in 0..<settings.prompts {
            let places = placesOfAnswers(to: prompt, settings)
            gold.append(places.map { values[$0 % values.count] })
            logProbabilities.append(places.map { logs[$0 / values.count] })
        }
        let responses = (0..<settings.answers).map { Response(tokens: [Int32($0)], text: "a\($0)") }
        return Enumeration(responses: responses, gold: gold, specifiedLogProbabilities: logProbabilities)
    }

    /// Where each answer stands in the prompt's permutation; the place's quotient by m is its class, the remainder its gold.
    private static func placesOfAnswers(to prompt: Int, _ settings: Settings) -> [Int] {
        var stream = RandomStream(seed: UInt64(settings.seed), purpose: "lookup table", item: UInt64(prompt))
        return stream.permutation(settings.answers)
    }

    private static func goldOfClass(_ gold: Gold, count: Int) -> [Double] {
        switch gold {
        case .graded: (0..<count).map { Double($0) / Double(count - 1) }
        case .binary: (0..<count).map { $0 == 0 ? 1 : 0 }
        }
    }

    /// log of an answer's probability, class by class, in nats.
    private static func classLogProbabilities(_ settings: Settings) -> [Double] {
        let logWeights = (0..<settings.classes).map { Double($0) * Double.log(settings.decay) }
        // The first class has the largest weight, 1, so the sum cannot overflow and its logarithm is at least 0.
        let logTotal = Double.log(logWeights.reduce(0) { $0 + Double.exp($1) })
        let logPerClass = Double.log(Double(settings.answers / settings.classes))
        return logWeights.map { $0 - logTotal - logPerClass }
    }
}

extension LookupWorld {
    public func text(of tokens: [Int32]) throws(Diagnostic) -> String {
        for token in tokens where !(0..<Int32(parameters.answers)).contains(token) {
            throw Diagnostic(.badData, "\(token) is no answer of the lookup world")
        }
        return tokens.map { "a\($0)" }.joined(separator: " ")
    }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let row = table.gold[try index(of: prompt)]
        var values: [Double] = []
        for response in responses { values.append(row[try answer(response)]) }
        return values
    }

    public func demonstration(
        of prompt: WorldPrompt, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Response? {
        let row = table.specifiedLogProbabilities?[try index(of: prompt)] ?? []
        return table.responses[stream.index(weights: row.map { Double.exp($0) })]
    }

    /// Of the answers worth most, the one that the reference gives most often.
    func bestAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> Int32 {
        let index = try index(of: prompt)
        let (gold, logs) = (table.gold[index], table.specifiedLogProbabilities?[index] ?? [])
        let best = gold.indices.max { (gold[$0], logs[$0], $1) < (gold[$1], logs[$1], $0) }
        return Int32(best ?? 0)
    }

    private func index(of prompt: WorldPrompt) throws(Diagnostic) -> Int {
        guard let index = indexOfPrompt[prompt.id] else {
            throw Diagnostic(.badData, "'\(prompt.id)' is no prompt of this lookup world")
        }
        return index
    }

    private func answer(_ response: Response) throws(Diagnostic) -> Int {
        guard response.tokens.count == 1, let token = response.tokens.first,
            (0..<parameters.answers).contains(Int(token))
        else { throw Diagnostic(.badData, "the tokens \(response.tokens) are no response of the lookup world") }
        return Int(token)
    }
}
