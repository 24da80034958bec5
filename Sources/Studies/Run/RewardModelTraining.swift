import Diagnostics
import Experiment
import LanguageModel
import RealModule
import Rewards
import Statistics
import Torch
import Training
import Worlds

/// Trains the reward model of a `learned` spec.
@TensorActor
struct RewardModelTraining {
    let world: any World
    let enumeration: Enumeration
    let policy: PolicySettings
    /// The reference policy's distribution, a prompt.
    let reference: [EnumeratedDistribution]

    func train(_ spec: RewardSpec, seed: UInt64) throws(Diagnostic) -> LearnedReward {
        let settings = try LearnedSettings(spec, seed: seed)
        let model = try TrainablePolicy(
            try Decoder(random: try configuration(settings), seed: settings.seed),
            optimizer: .init(beta2: 0.99, weightDecay: 0))
        let pairs = try pairs(settings)
        for step in 0..<settings.updates { try update(model, pairs, settings, step: step) }
        let table = try calibrated(try scores(model))
        return LearnedReward(
            spec: spec.description, table: table, accuracy: accuracy(table), world: world, enumeration: enumeration)
    }

    private func configuration(_ settings: LearnedSettings) throws(Diagnostic) -> ModelConfiguration {
        var shape = policy.shape(vocabulary: world.vocabularySize, positions: 64, endTokens: world.endTokens)
        shape.width = settings.width(like: shape.width)
        if settings.mechanism == .capacity {
            (shape.heads, shape.kvHeads, shape.mlpWidth) = (1, 1, 2 * shape.width)
            shape.layers = 1
        }
        return try ModelConfiguration(shape, hasScoreHead: true)
    }

    private struct Pair {
        var chosen: [Int32]
        var rejected: [Int32]
    }

    /// Labelled pairs: two responses of the reference policy that differ in gold, or the world's pairs with a spurious style; some labels
    /// flipped.
    private func pairs(_ settings: LearnedSettings) throws(Diagnostic) -> [Pair] {
        var pairs: [Pair] = []
        for item in 0..<settings.pairs {
            var stream = RandomStream(seed: settings.seed, purpose: "pairs", item: UInt64(item))
            var pair = try pair(settings, &stream)
            var label = RandomStream(seed: settings.seed, purpose: "labels", item: UInt64(item))
            if label.uniform() < settings.noise { swap(&pair.chosen, &pair.rejected) }
            pairs.append(pair)
        }
        return pairs
    }

    private func pair(_ settings: LearnedSettings, _ stream: inout RandomStream) throws(Diagnostic) -> Pair {
        let index = stream.below(world.prompts.count)
        let prompt = world.prompts[index]
        if let correlation = settings.styleCorrelation {
            guard let match = world as? MatchWorld else {
                throw Diagnostic(
                    .usage, "only the world match has styles", at: .init(field: "style-correlation"),
                    remedy: "Leave style-correlation out, or use world: {kind: match}")
            }
            let pair = try match.labelledPair(prompt, styleCorrelation: correlation, &stream)
            return Pair(
                chosen: prompt.tokens + pair.better.tokens, rejected: prompt.tokens + pair.worse.tokens)
        }
        let (gold, weights) = (enumeration.gold[index], reference[index].probabilities)
        for _ in 0..<1000 {
            let (first, second) = (stream.index(weights: weights), stream.index(weights: weights))
            guard gold[first] != gold[second] else { continue }
            let (better, worse) = gold[first] > gold[second] ? (first, second) : (second, first)
            return Pair(
                chosen: prompt.tokens + enumeration.responses[better].tokens,
                rejected: prompt.tokens + enumeration.responses[worse].tokens)
        }
        throw Diagnostic(
            .usage, "the reference policy gives hardly two responses that differ in gold to '\(prompt.id)'",
            remedy: "Use a world whose base policy is less certain")
    }

    private func update(
        _ model: TrainablePolicy, _ pairs: [Pair], _ settings: LearnedSettings, step: Int
    ) throws(Diagnostic) {
        var stream = RandomStream(seed: settings.seed, purpose: "reward batches", step: UInt64(step))
        let chosen = (0..<LearnedSettings.batch).map { _ in pairs[stream.below(pairs.count)] }
        let count = Double(chosen.count)
        let sequences = chosen.flatMap { [$0.chosen, $0.rejected] }
        try model.accumulateScores(sequences, parts: [0..<sequences.count]) { (_, scores) in
            stride(from: 0, to: scores.count, by: 2).flatMap { first in
                let slope = PreferenceObjective.bradleyTerry(chosen: scores[first], rejected: scores[first + 1]).slope
                return [slope / count, -slope / count]
            }
        }
        let rate = 0.01 * (1 - Double(step) / Double(max(LearnedSettings.steps, settings.updates)))
        try model.update(.init(learningRate: rate, gradientClip: 1))
    }

    /// The model's score of every response, [prompt][response].
    private func scores(_ model: TrainablePolicy) throws(Diagnostic) -> [[Double]] {
        try noGrad { () throws(Diagnostic) in
            var table: [[Double]] = []
            for prompt in world.prompts {
                let sequences = enumeration.responses.map { prompt.tokens + $0.tokens }
                table.append(try model.decoder.finalScores(sequences).values.doubles())
            }
            return table
        }
    }

    /// Shifted and scaled so that on the reference's responses the mean is 0 and the within-prompt deviation is gold's.
    private func calibrated(_ table: [[Double]]) throws(Diagnostic) -> [[Double]] {
        let own = try spread(table), wanted = try spread(enumeration.gold)
        let scale = own.deviation > 0 ? wanted.deviation / own.deviation : 0
        return table.map { row in row.map { ($0 - own.mean) * scale } }
    }

    /// The mean over prompts of expectation and standard deviation under the reference.
    private func spread(_ table: [[Double]]) throws(Diagnostic) -> (mean: Double, deviation: Double) {
        var (mean, deviation) = (0.0, 0.0)
        for (row, policy) in zip(table, reference) {
            let center = try policy.expectation(of: row)
            mean += center
            deviation += try policy.expectation(of: row.map { ($0 - center) * ($0 - center) }).squareRoot()
        }
        let count = Double(max(table.count, 1))
        return (mean / count, deviation / count)
    }

    private func accuracy(_ table: [[Double]]) -> Double {
        StaticAccuracy(reference: reference, gold: enumeration.gold).value(of: table) ?? 0.5
    }
}
