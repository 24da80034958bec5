import Diagnostics
import Experiment
import Statistics

extension MatchWorld {
    /// Two responses to a prompt of which one fits and the other does not.
    public struct LabelledPair: Sendable, Hashable {
        public var prompt: WorldPrompt
        /// Its content fits.
        public var better: Response
        /// Its content does not.
        public var worse: Response
    }

    /// The style that a spurious correlation favours: the last, which a base policy with a style decay below 1 uses least.
    public var favouredStyle: Int { parameters.styles - 1 }

    /// Draws a pair whose style predicts its label with a given correlation.
    ///
    /// Of the two responses exactly one has ``favouredStyle``; the better one has it with probability (1 + ρ)/2. With S = ±1 for
    /// which of the two has it and L = ±1 for which is better, read in random order, both have mean 0 and E[S·L] = ρ: the phi
    /// coefficient of the two is ρ, and a rule that looks at nothing but style is right on a share (1 + ρ)/2 of the pairs. At ρ = 0
    /// style says nothing; at ρ = 1 style and content predict the label equally well.
    ///
    /// The other response's style is drawn from the base policy's styles without the favoured one, the lengths from the base
    /// policy, and the content that does not fit uniformly.
    ///
    /// - Parameter correlation: ρ, from 0 to 1.
    /// - Throws: `usage` where ρ is out of range; `badData` where the prompt is none of this world.
    public func labelledPair(
        _ prompt: WorldPrompt, styleCorrelation correlation: Double, _ stream: inout RandomStream
    ) throws(Diagnostic) -> LabelledPair {
        guard (0...1).contains(correlation) else {
            throw Diagnostic(
                .usage, "a style correlation of \(correlation) is not from 0 to 1", remedy: "Give a number from 0 to 1")
        }
        let topic = try topic(of: prompt)
        let wrong = (topic + 1 + stream.below(parameters.contents - 1)) % parameters.contents
        let betterIsFavoured = stream.uniform() < (1 + correlation) / 2
        let otherStyle = stream.index(
            weights: Array(Self.weights(parameters.styles, decay: parameters.styleDecay).dropLast()))
        let styles = betterIsFavoured ? (favouredStyle, otherStyle) : (otherStyle, favouredStyle)
        let lengthWeights = Self.weights(parameters.lengths, decay: parameters.lengthDecay)
        let lengths = (stream.index(weights: lengthWeights), stream.index(weights: lengthWeights))
        return LabelledPair(
            prompt: prompt, better: response(Attributes(content: topic, style: styles.0, length: lengths.0)),
            worse: response(Attributes(content: wrong, style: styles.1, length: lengths.1)))
    }
}
