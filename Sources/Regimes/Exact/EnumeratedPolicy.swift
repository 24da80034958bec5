import Diagnostics
import Experiment
import LanguageModel
import RealModule

/// A policy's distribution over every response of an enumerable world.
public struct EnumeratedPolicy: Sendable {
    /// log π, [prompt][response], in nats.
    public var logProbabilities: [[Double]]

    public init(logProbabilities: [[Double]]) { self.logProbabilities = logProbabilities }
}

/// Reads decoders over a world's enumerated responses.
struct Enumerator {
    let prompts: [WorldPrompt]
    let responses: [[Int32]]
    let grammar: [[Int32]]
    /// Whether a response is one token, so that one row a prompt holds all of them.
    private let isSingleToken: Bool

    init?(_ world: any World) {
        guard let enumeration = world.enumeration else { return nil }
        prompts = world.prompts
        responses = enumeration.responses.map(\.tokens)
        grammar = world.grammar
        isSingleToken = responses.allSatisfy { $0.count == 1 }
    }

    /// The policy's exact distribution, without a graph.
    func read(_ decoder: Decoder) throws(Diagnostic) -> EnumeratedPolicy {
        try read(decoder, prompts: prompts.map(\.tokens))
    }

    /// The same for prompts as they are given, such as with a hint.
    func read(_ decoder: Decoder, prompts: [[Int32]]) throws(Diagnostic) -> EnumeratedPolicy {
        if isSingleToken { return try readRows(decoder, prompts) }
        var result: [[Double]] = []
        for prompt in prompts {
            let batch = batch([prompt])
            let numbers = try noGradNumbers(decoder, batch)
            result.append(numbers.map { $0.reduce(0, +) })
        }
        return EnumeratedPolicy(logProbabilities: result)
    }

    private func readRows(_ decoder: Decoder, _ prompts: [[Int32]]) throws(Diagnostic) -> EnumeratedPolicy {
        let rows = try decoder.nextTokenLogProbabilities(after: prompts, allowed: grammar.first ?? [])
        return EnumeratedPolicy(logProbabilities: rows.map { row in responses.map { row[Int($0[0])] } })
    }

    /// Every response to each of some prompts.
    func batch(_ prompts: [[Int32]]) -> TokenSequences {
        TokenSequences(
            prompts: prompts.flatMap { Array(repeating: $0, count: responses.count) },
            responses: prompts.flatMap { _ in responses }, grammar: grammar)
    }
}

extension EnumeratedPolicy {
    /// A decoder's exact distribution over a world's responses; `nil` where they cannot be listed.
    public init?(of decoder: Decoder, in world: any World) throws(Diagnostic) {
        guard let enumerator = Enumerator(world) else { return nil }
        self = try enumerator.read(decoder)
    }
}
