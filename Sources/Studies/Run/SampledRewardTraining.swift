import Diagnostics
import Experiment
import JSON
import LanguageModel
import Ledger
import Regimes
import Rewards
import Statistics
import Torch
import Training

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Trains the reward model of a `learned` spec where responses cannot be listed: by Bradley-Terry, from the reference policy's weights with
/// a head that is drawn, on pairs of the reference policy's samples that differ in gold.
///
/// On samples of other draws its accuracy is measured, and scores are shifted and scaled. They are of the prompts that it was trained on,
/// which are those that the run trains on; what it is worth on others, `held-out.reward.accuracy` says at the first step.
@TensorActor
struct SampledRewardTraining {
    let world: any World
    let policy: PolicySettings
    let reference: Decoder

    /// The trained reward; read from `folder` where another run has trained the same one.
    ///
    /// - Throws: `usage` where the spec is wrong; `badData` where hardly two samples differ in gold.
    func reward(_ spec: RewardSpec, seed: UInt64, in folder: String) async throws(Diagnostic) -> SampledReward {
        let settings = try LearnedSettings(spec, seed: seed, in: LearnedSettings.Place(world, policy))
        let place = try place(of: spec, settings, in: folder)
        let lock = try FolderLock(place)
        defer { withExtendedLifetime(lock) {} }
        if access(place + "/config.json", R_OK) != 0 { try await make(settings, at: place) }
        let model = try Decoder(directory: place, options: .init(elementType: .float32, packingRows: nil))
        let notes = try SampledReward.Notes(
            try JSONValue(readingFile: place + "/\(Self.notesName)"), at: place)
        return try SampledReward(
            spec: spec.description, world: world, model: model, computeType: policy.computeType, notes: notes)
    }

    /// A reward of the same cost that is not trained, and the seconds that training it would take.
    func planned(_ spec: RewardSpec, seed: UInt64) async throws(Diagnostic) -> (reward: SampledReward, seconds: Double)
    {
        let settings = try LearnedSettings(spec, seed: seed, in: LearnedSettings.Place(world, policy))
        let start = ContinuousClock.now
        let samples = try await sampled(chunk: 0, settings)
        let sampling = start.duration(to: .now) / .seconds(1)
        let model = try model(settings)
        let differing = samples.reduce(0) { $0 + $1.pairs(settings).count }
        // What is timed does not hang on which of a pair is better.
        let pairs = samples.map(\.anyPair)
        let begin = ContinuousClock.now
        try self.update(model, (0..<LearnedSettings.pairsPerUpdate).map { pairs[$0 % pairs.count] }, rate: 0)
        let update = begin.duration(to: .now) / .seconds(1)
        // A policy that is only drawn says nothing of how often the base is right: then as many pairs as a group can give.
        let isKnown = policy.checkpoint != nil && !policy.hasRandomWeights
        let perChunk = isKnown ? max(differing, 1) : samples.count * SampledGroup.pairsPerGroup
        let pool = (settings.pairs + perChunk - 1) / perChunk
        let chunks = pool + Self.checkChunks
        let reward = try SampledReward(
            spec: spec.description, world: world, model: model.decoder, computeType: policy.computeType,
            notes: .init(shift: 0, scale: 1, accuracy: 0.5, standardError: nil, pairs: 0, prompts: 0))
        return (reward, Double(chunks) * sampling + Double(settings.updates) * update)
    }

    private static let notesName = "learned.json"

    private func place(of spec: RewardSpec, _ settings: LearnedSettings, in folder: String) throws(Diagnostic) -> String
    {
        var key: JSONObject = [
            "world": world.settings, "policy": policy.baseKey, "spec": .string(spec.description),
            "seed": .string(String(settings.seed)), "version": 2,
        ]
        if let checkpoint = policy.checkpoint {
            key["checkpoint"] = .string(checkpoint)
            key["type"] = .string(policy.computeType.rawValue)
            key["random"] = .bool(policy.hasRandomWeights)
        }
        let digest = SHA256Digest.hexadecimal(of: JSONValue.object(key).canonicalText.utf8)
        return "\(folder)/reward-\(digest.prefix(16))"
    }
}

// MARK: Training

extension SampledRewardTraining {
    private func make(_ settings: LearnedSettings, at place: String) async throws(Diagnostic) {
        let pairs = try await pool(settings)
        let model = try model(settings)
        for step in 0..<settings.updates {
            try update(model, batch(of: step, pairs, settings), rate: settings.rate(at: step))
        }
        var scored: [SampledGroup] = []
        for chunk in 0..<Self.checkChunks {
            for var group in try await sampled(chunk: chunk, settings, purpose: "pair checks") {
                group.scores = try SampledReward.scores(model.decoder, group.sampled)
                scored.append(group)
            }
        }
        let notes = try SampledReward.Notes(of: scored)
        guard notes.pairs > 0 else { throw Self.tooAlike(0, after: scored.count) }
        try write(model.decoder, notes, settings, at: place)
    }

    /// The reference with a head for scores; for `capacity` with its first layers alone.
    private func model(_ settings: LearnedSettings) throws(Diagnostic) -> TrainablePolicy {
        let layers = settings.layers(of: reference.configuration.layers)
        let configuration = reference.configuration.classifying(layers: layers)
        var own: [String: Tensor] = [:]
        for parameter in try reference.parameters() { own[parameter.name] = parameter.tensor }
        let model = try Decoder(random: configuration, seed: settings.seed).replacingParameters {
            (name, tensor) throws(Diagnostic) in own[name] ?? tensor
        }
        return try TrainablePolicy(
            model, optimizer: .init(beta2: 0.99, weightDecay: 0), computeType: policy.computeType)
    }

    private var chunksPerPass: Int { (world.prompts.count + Self.promptsPerChunk - 1) / Self.promptsPerChunk }

    /// 256 groups are what an accuracy is measured on; of few prompts each has several.
    private static let checkChunks = 16

    /// Pairs to train on.
    private func pool(_ settings: LearnedSettings) async throws(Diagnostic) -> [SampledPair] {
        var pairs: [SampledPair] = []
        var chunk = 0
        while pairs.count < settings.pairs {
            for group in try await sampled(chunk: chunk, settings) { pairs += group.pairs(settings) }
            chunk += 1
            // At this rate, would the passes be too many?
            guard
                chunk % chunksPerPass != 0 || pairs.count * Self.maximumPasses * chunksPerPass >= settings.pairs * chunk
            else { throw Self.tooAlike(pairs.count, after: chunk * Self.promptsPerChunk) }
        }
        pairs.removeLast(pairs.count - settings.pairs)
        for item in pairs.indices {
            var label = RandomStream(seed: settings.seed, purpose: "labels", step: 0, item: UInt64(item))
            if label.uniform() < settings.noise { pairs[item].flip() }
        }
        return pairs
    }

    private static func tooAlike(_ count: Int, after groups: Int) -> Diagnostic {
        Diagnostic(
            .badData,
            "hardly two of the policy's samples to one prompt differ in gold: \(count) pairs in \(groups) groups of "
                + "\(SampledGroup.size)",
            at: .init(field: "run.reward"),
            remedy: "Ask for fewer pairs (learned?pairs=…), or use a policy that gets some answers right")
    }

    private static let maximumPasses = 100
    private static let promptsPerChunk = 16

    /// Some prompts' groups; the chunks go round all prompts in one order.
    private func sampled(
        chunk: Int, _ settings: LearnedSettings, purpose: String = "pair samples"
    ) async throws(Diagnostic) -> [SampledGroup] {
        let total = world.prompts.count
        var order = RandomStream(seed: settings.seed, purpose: "pair prompts")
        let permutation = order.permutation(total)
        let places = (0..<min(Self.promptsPerChunk, total)).map { (chunk * Self.promptsPerChunk + $0) % total }
        let streams = RunStreams(seed: settings.seed)
        let groups = try PolicySampler(world: world, temperature: 1).sample(
            places.map { (index: permutation[$0], prompt: world.prompts[permutation[$0]]) }, size: SampledGroup.size,
            from: reference, seed: streams.seed(purpose, step: chunk), step: 0)
        var sampled: [SampledGroup] = []
        for (place, group) in zip(places, groups) {
            let gold = try await world.gold(group.responses, to: group.prompt)
            sampled.append(SampledGroup(sampled: group, gold: gold, place: place, chunk: chunk))
        }
        return sampled
    }

    /// Every pass goes over all pairs in an order of its own.
    private func batch(of step: Int, _ pairs: [SampledPair], _ settings: LearnedSettings) -> [SampledPair] {
        let count = min(LearnedSettings.pairsPerUpdate, pairs.count)
        return (0..<count).map { place in
            let index = step * count + place
            var stream = RandomStream(
                seed: settings.seed, purpose: "reward batches", step: UInt64(index / pairs.count))
            return pairs[stream.permutation(pairs.count)[index % pairs.count]]
        }
    }

    /// One update on some pairs, of which few go through the layers together.
    private func update(_ model: TrainablePolicy, _ pairs: [SampledPair], rate: Double) throws(Diagnostic) {
        let sequences = pairs.flatMap { [$0.prompt + $0.chosen, $0.prompt + $0.rejected] }
        var parts: [Range<Int>] = []
        var tokens = 0
        for (place, pair) in pairs.enumerated() {
            let own = pair.prompt.count + pair.chosen.count + pair.rejected.count
            if let last = parts.last, tokens + own <= Self.tokensPerPass {
                parts[parts.count - 1] = last.lowerBound..<2 * place + 2
                tokens += own
            } else {
                parts.append(2 * place..<2 * place + 2)
                tokens = own
            }
        }
        try model.accumulateScores(sequences, parts: parts) { (_, scores) in
            var slopes = [Double](repeating: 0, count: scores.count)
            for winner in stride(from: 0, to: scores.count, by: 2) {
                let slope = PreferenceObjective.bradleyTerry(chosen: scores[winner], rejected: scores[winner + 1]).slope
                slopes[winner] = slope / Double(pairs.count)
                slopes[winner + 1] = -slope / Double(pairs.count)
            }
            return slopes
        }
        try model.update(.init(learningRate: rate, gradientClip: 1))
    }

    private static let tokensPerPass = 2048

    /// As a checkpoint folder that `explicit:` reads too; put in its place when it is whole.
    private func write(
        _ model: Decoder, _ notes: SampledReward.Notes, _ settings: LearnedSettings, at place: String
    ) throws(Diagnostic) {
        let partial = place + ".partial"
        let shape = try configuration(layers: model.configuration.layers)
        try CheckpointFolder(partial).write(model, configuration: shape, copyingTextsFrom: policy.checkpoint)
        try WholeFile.write(notes.json.text, to: partial + "/\(Self.notesName)")
        guard rename(partial, place) == 0 else {
            throw Diagnostic(
                .inputMissing, "the reward model cannot be put in its place (\(String(cString: strerror(errno))))",
                at: .init(file: place), remedy: "Check the folder, its permissions and the free space")
        }
    }

    /// The reference's config.json, made a sequence classifier's.
    private func configuration(layers: Int) throws(Diagnostic) -> JSONValue {
        var members: JSONObject
        if let checkpoint = policy.checkpoint {
            members = try JSONValue(readingFile: checkpoint + "/config.json").objectValue ?? [:]
        } else {
            let shape = policy.shape(
                vocabulary: world.vocabularySize, positions: reference.configuration.maximumPositions,
                endTokens: world.endTokens)
            members = shape.json().objectValue ?? [:]
        }
        members.removeValue(forKey: "torch_dtype")
        members["dtype"] = "float32"
        members["architectures"] = [.string(reference.configuration.family.className + "ForSequenceClassification")]
        members["num_labels"] = 1
        members["id2label"] = ["0": "LABEL_0"]
        members["num_hidden_layers"] = .integer(layers)
        if let types = members["layer_types"]?.arrayValue {
            members["layer_types"] = .array(Array(types.prefix(layers)))
        }
        return .object(members)
    }
}

extension ModelConfiguration {
    /// A sequence classifier of one output, of the first layers.
    fileprivate func classifying(layers: Int) -> ModelConfiguration {
        var configuration = self
        configuration.head = .classification(labels: 1)
        configuration.architecture = family.className + "ForSequenceClassification"
        configuration.layers = layers
        configuration.windows = Array(windows.prefix(layers))
        return configuration
    }
}

/// Two responses to a prompt, the first labelled better.
private struct SampledPair {
    var prompt: [Int32]
    var chosen: [Int32]
    var rejected: [Int32]

    mutating func flip() { swap(&chosen, &rejected) }
}

/// Samples of a prompt with what they are worth.
struct SampledGroup {
    static let size = 8
    /// Pairs that one group gives at most, so that they are of many prompts.
    fileprivate static let pairsPerGroup = 4

    var sampled: Group.Sampled
    var gold: [Double]
    /// The prompt's place in the order in which prompts come up.
    var place: Int
    var chunk: Int
    /// Of the reward, where it was asked.
    var scores: [Double] = []

    /// Its first two responses, whichever is better.
    fileprivate var anyPair: SampledPair {
        SampledPair(
            prompt: sampled.prompt.tokens, chosen: sampled.responses[0].tokens, rejected: sampled.responses[1].tokens)
    }

    /// Pairs that differ in gold, as gold orders them.
    fileprivate func pairs(_ settings: LearnedSettings) -> [SampledPair] {
        var differing: [(Int, Int)] = []
        for (first, second) in pairs where gold[first] != gold[second] {
            differing.append(gold[first] > gold[second] ? (first, second) : (second, first))
        }
        var stream = RandomStream(
            seed: settings.seed, purpose: "pairs", step: UInt64(chunk), item: UInt64(place))
        return stream.permutation(differing.count).prefix(Self.pairsPerGroup).map { index in
            let (better, worse) = differing[index]
            return SampledPair(
                prompt: sampled.prompt.tokens, chosen: sampled.responses[better].tokens,
                rejected: sampled.responses[worse].tokens)
        }
    }

    /// Places of two responses each.
    var pairs: [(Int, Int)] {
        let count = sampled.responses.count
        return (0..<count).flatMap { first in (first + 1..<max(count, first + 1)).map { (first, $0) } }
    }
}
