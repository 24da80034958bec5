import Diagnostics
import Experiment
import JSON
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
    private let placeOfResponse: [[Int32]: Int]

    init(
        world: any World, enumeration: Enumeration, policy: PolicySettings, reference: [EnumeratedDistribution]
    ) {
        (self.world, self.enumeration, self.policy, self.reference) = (world, enumeration, policy, reference)
        placeOfResponse = Dictionary(
            enumeration.responses.enumerated().map { ($1.tokens, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The trained reward; read from `folder` where another run has trained the same one.
    func reward(_ spec: RewardSpec, seed: UInt64, in folder: String) throws(Diagnostic) -> LearnedReward {
        let settings = try LearnedSettings(spec, seed: seed, in: .listed)
        let store = RewardTableStore(
            key: [
                "place": .string(policy.place(in: world)), "spec": .string(spec.description),
                "seed": .string(String(settings.seed)), "version": 3,
            ], folder: folder)
        let table = try store.table(prompts: world.prompts.count, responses: enumeration.responses.count) {
            () throws(Diagnostic) in try train(settings, pairs: try pairs(settings, of: reference))
        }
        return LearnedReward(
            spec: spec.description, table: table, accuracy: accuracy(table), world: world, enumeration: enumeration
        ) { (logProbabilities, step) async throws(Diagnostic) in
            try await self.scores(settings, of: logProbabilities, step: step)
        }
    }

    /// Gold in the place of the trained reward, and the seconds that training it would take, from a few updates.
    func planned(_ spec: RewardSpec, seed: UInt64) throws(Diagnostic) -> (reward: LearnedReward, seconds: Double) {
        let settings = try LearnedSettings(spec, seed: seed, in: .listed)
        let start = ContinuousClock.now
        let pairs = try pairs(settings, of: reference), model = try model(settings)
        try update(model, pairs, settings, step: 0)
        _ = try calibrated(try scores(model))
        let once = start.duration(to: .now) / .seconds(1)
        let begin = ContinuousClock.now
        for step in 1...Self.timedUpdates { try update(model, pairs, settings, step: step) }
        let update = begin.duration(to: .now) / .seconds(1) / Double(Self.timedUpdates)
        let reward = LearnedReward(
            spec: spec.description, table: enumeration.gold, accuracy: 1, world: world, enumeration: enumeration
        ) { (_, _) async throws(Diagnostic) in enumeration.gold }
        return (reward, once + Double(settings.updates) * update)
    }

    private static let timedUpdates = 6

    /// Scores from a model that is trained, from the same beginning, on pairs of the policy of a step.
    private func scores(
        _ settings: LearnedSettings, of logProbabilities: [[Double]], step: Int
    ) throws(Diagnostic) -> [[Double]] {
        var policy: [EnumeratedDistribution] = []
        for row in logProbabilities { policy.append(try EnumeratedDistribution(logProbabilities: row)) }
        return try train(settings, pairs: try pairs(settings, of: policy, step: step))
    }

    /// Scores of every response, [prompt][response].
    private func train(_ settings: LearnedSettings, pairs: [[Pair]]) throws(Diagnostic) -> [[Double]] {
        let model = try model(settings)
        for step in 0..<settings.updates { try update(model, pairs, settings, step: step) }
        return try calibrated(try scores(model))
    }

    private func model(_ settings: LearnedSettings) throws(Diagnostic) -> TrainablePolicy {
        try TrainablePolicy(
            try Decoder(random: try configuration(settings), seed: settings.seed),
            optimizer: .init(beta2: 0.99, weightDecay: 0))
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

    /// Two responses to one prompt, as places among the world's responses.
    private struct Pair {
        var chosen: Int
        var rejected: Int
    }

    /// Labelled pairs, by prompt: two responses of a policy that differ in gold, or the world's pairs with a spurious style; some labels
    /// flipped. A prompt to which the policy hardly gives two that differ has none.
    private func pairs(
        _ settings: LearnedSettings, of policy: [EnumeratedDistribution], step: Int = 0
    ) throws(Diagnostic) -> [[Pair]] {
        var pairs: [[Pair]] = Array(repeating: [], count: world.prompts.count)
        for item in 0..<settings.pairs {
            var stream = RandomStream(seed: settings.seed, purpose: "pairs", step: UInt64(step), item: UInt64(item))
            let prompt = stream.below(world.prompts.count)
            guard var pair = try pair(settings, policy[prompt], prompt: prompt, &stream) else { continue }
            var label = RandomStream(seed: settings.seed, purpose: "labels", step: UInt64(step), item: UInt64(item))
            if label.uniform() < settings.noise { swap(&pair.chosen, &pair.rejected) }
            pairs[prompt].append(pair)
        }
        guard pairs.contains(where: { !$0.isEmpty }) else {
            throw Diagnostic(
                .badData,
                "the policy gives hardly two responses that differ in gold to any prompt, so no pairs can be labelled",
                at: .init(field: "run.reward"), remedy: "Use a less certain base policy, or refresh earlier")
        }
        return pairs
    }

    private func pair(
        _ settings: LearnedSettings, _ policy: EnumeratedDistribution, prompt index: Int, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Pair? {
        if let correlation = settings.styleCorrelation { return try styledPair(correlation, prompt: index, &stream) }
        let (gold, weights) = (enumeration.gold[index], policy.probabilities)
        for _ in 0..<100 {
            let (first, second) = (stream.index(weights: weights), stream.index(weights: weights))
            guard gold[first] != gold[second] else { continue }
            return gold[first] > gold[second]
                ? Pair(chosen: first, rejected: second) : Pair(chosen: second, rejected: first)
        }
        return nil
    }

    private func styledPair(
        _ correlation: Double, prompt index: Int, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Pair {
        guard let match = world as? MatchWorld else {
            throw LearnedSettings.hasNoStyles
        }
        let pair = try match.labelledPair(world.prompts[index], styleCorrelation: correlation, &stream)
        guard let chosen = placeOfResponse[pair.better.tokens], let rejected = placeOfResponse[pair.worse.tokens] else {
            throw Diagnostic(.internalFailure, "a pair of the world match is not among its responses")
        }
        return Pair(chosen: chosen, rejected: rejected)
    }

    /// One update on all pairs of some prompts. Each response is scored once, however many of the pairs it is in.
    private func update(
        _ model: TrainablePolicy, _ pairs: [[Pair]], _ settings: LearnedSettings, step: Int
    ) throws(Diagnostic) {
        let chosen = prompts(of: step, settings).filter { !pairs[$0].isEmpty }
        let count = Double(chosen.reduce(0) { $0 + pairs[$1].count })
        let batch = PairBatch(chosen.map { prompt in (prompt, pairs[prompt].flatMap { [$0.chosen, $0.rejected] }) })
        let sequences = batch.items.map { world.prompts[$0.prompt].tokens + enumeration.responses[$0.response].tokens }
        guard !sequences.isEmpty else { return }
        try model.accumulateScores(sequences, parts: [0..<sequences.count]) { (_, scores) in
            var slopes = [Double](repeating: 0, count: scores.count)
            for (winner, loser) in batch.pairs {
                let slope = PreferenceObjective.bradleyTerry(chosen: scores[winner], rejected: scores[loser]).slope
                slopes[winner] += slope / count
                slopes[loser] -= slope / count
            }
            return slopes
        }
        try model.update(.init(learningRate: settings.rate(at: step), gradientClip: 1))
    }

    /// Every pass goes over all prompts in an order of its own.
    private func prompts(of step: Int, _ settings: LearnedSettings) -> [Int] {
        let total = world.prompts.count
        return (0..<min(LearnedSettings.promptsPerUpdate, total)).map { place in
            let index = step * min(LearnedSettings.promptsPerUpdate, total) + place
            var stream = RandomStream(seed: settings.seed, purpose: "reward batches", step: UInt64(index / total))
            return stream.permutation(total)[index % total]
        }
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

/// The distinct responses of some pairs, and the pairs as places among them.
private struct PairBatch {
    var items: [(prompt: Int, response: Int)] = []
    var pairs: [(winner: Int, loser: Int)] = []

    /// - Parameter ends: of each prompt, the pairs' ends in turn: winner, loser, winner, loser, …
    init(_ ends: [(prompt: Int, ends: [Int])]) {
        for (prompt, ends) in ends {
            var places: [Int: Int] = [:]
            let own = ends.map { response in
                if let place = places[response] { return place }
                items.append((prompt, response))
                places[response] = items.count - 1
                return items.count - 1
            }
            for first in stride(from: 0, to: own.count, by: 2) { pairs.append((own[first], own[first + 1])) }
        }
    }
}
