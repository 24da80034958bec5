import Diagnostics
import Experiment
import LanguageModel
import Torch

/// Samples groups of responses from a decoder, within a world's grammar.
public struct PolicySampler {
    let world: any World
    let temperature: Double

    public init(world: any World, temperature: Double) {
        (self.world, self.temperature) = (world, temperature)
    }

    /// Samples `size` responses to each prompt; shared prefixes are computed once.
    ///
    /// - Parameters:
    ///   - prompts: each with its place in the world's list.
    ///   - seed: keys the draws, with each sample's number and each token's place.
    public func sample(
        _ prompts: [(index: Int, prompt: WorldPrompt)], size: Int, from decoder: Decoder, seed: UInt64, step: Int
    ) throws(Diagnostic) -> [Group.Sampled] {
        let request = GenerationRequest(
            prompts: prompts.map(\.prompt.read), samplesPerPrompt: size, maximumTokens: world.maximumTokens,
            endTokens: world.endTokens, sampling: Sampling(temperature: temperature, seed: seed),
            wantsLogProbabilities: true, grammar: world.grammar)
        let generations = try decoder.generate(request)
        var groups: [Group.Sampled] = []
        for (prompt, generated) in zip(prompts, generations) {
            var responses: [Response] = []
            for generation in generated { responses.append(try response(generation)) }
            groups.append(
                Group.Sampled(promptIndex: prompt.index, prompt: prompt.prompt, step: step, responses: responses))
        }
        return groups
    }

    private func response(_ generation: Generation) throws(Diagnostic) -> Response {
        Response(
            tokens: generation.tokens, text: try world.text(of: generation.tokens),
            hasEnded: generation.hasEnded || world.endTokens.isEmpty, logProbabilities: generation.logProbabilities)
    }
}
