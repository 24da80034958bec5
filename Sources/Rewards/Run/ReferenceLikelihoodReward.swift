import Diagnostics
import Experiment
import JSON
import RealModule

/// `reference-likelihood`: π_ref(a*|x,c), the reference policy's probability of the gold answer's tokens a* after the prompt x and
/// the response's chain c.
///
/// The chain is the response without its end token; with `chain=but-last` also without its last token, which is the answer where
/// answers are one token; with `after=MARK` it is the shortest run of its tokens whose text holds the mark, where one does.
public struct ReferenceLikelihoodReward: RunReward {
    /// How much of the response is its chain.
    enum Chain: String, CaseIterable {
        case whole
        case butLast = "but-last"
    }
    /// What is made of the log-probability.
    enum Scale: String, CaseIterable { case probability, log }

    public let spec: String
    private let chain: Chain
    private let mark: [UInt8]?
    private let scale: Scale
    private let reference: any SequenceScorer
    private let goldAnswer: @Sendable (WorldPrompt) throws(Diagnostic) -> [Int32]
    private let endTokens: Set<Int32>
    private let text: @Sendable ([Int32]) throws(Diagnostic) -> String

    init(_ spec: RewardSpec, _ context: RunRewardContext) throws(Diagnostic) {
        var parameters = spec.parameterReader
        chain = try parameters.choice("chain", default: .whole)
        mark = parameters.text("after").map { Array($0.utf8) }
        scale = try parameters.choice("scale", default: .probability)
        try parameters.finish()
        guard let reference = context.reference else { throw RunRewardContext.lacking("reference policy", spec) }
        guard let goldAnswer = context.goldAnswer else { throw RunRewardContext.lacking("gold answers", spec) }
        self.spec = spec.description
        self.reference = reference
        self.goldAnswer = goldAnswer
        endTokens = context.endTokens
        text = context.text
    }

    public var provenance: JSONValue { ["kind": "reference-likelihood", "scale": .string(scale.rawValue)] }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var (sequences, starts) = ([[Int32]](), [Int]())
        for group in groups {
            let sampled = try group.sampled(for: spec)
            let answer = try goldAnswer(sampled.prompt)
            for response in sampled.responses {
                let before = sampled.prompt.tokens + (try chain(of: response))
                starts.append(before.count)
                sequences.append(before + answer)
            }
        }
        var rest = try await reference.logProbabilities(sequences, from: starts)[...]
        var scores: [GroupScore] = []
        for group in groups {
            let values = rest.prefix(group.responses.count).map { value(of: $0.reduce(0, +)) }
            rest = rest.dropFirst(group.responses.count)
            scores.append(try GroupScore(finite: values, of: group, by: spec))
        }
        return scores
    }

    private func value(of logProbability: Double) -> Double {
        scale == .log ? logProbability : Double.exp(logProbability)
    }

    private func chain(of response: Response) throws(Diagnostic) -> [Int32] {
        let tokens = response.tokens
        let hasEnd = tokens.last.map(endTokens.contains) ?? false
        let body = hasEnd ? tokens.dropLast() : tokens[...]
        if let mark { return try chain(upTo: mark, in: body) }
        return Array(chain == .butLast ? body.dropLast() : body)
    }

    private func chain(upTo mark: [UInt8], in body: ArraySlice<Int32>) throws(Diagnostic) -> [Int32] {
        guard try holds(mark, body) else { return Array(body) }
        // A longer run's text begins with a shorter one's, so the first that holds the mark can be bisected for.
        var (without, with) = (0, body.count)
        while with - without > 1 {
            let middle = (without + with) / 2
            if try holds(mark, body.prefix(middle)) { with = middle } else { without = middle }
        }
        return Array(body.prefix(with))
    }

    private func holds(_ mark: [UInt8], _ tokens: ArraySlice<Int32>) throws(Diagnostic) -> Bool {
        Array(try text(Array(tokens)).utf8).contains(mark)
    }
}
