import Diagnostics
import Experiment
import JSON
import LanguageModel
import Ledger
import Statistics
import Torch
import Training

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The policy that runs in an embedded world begin with: made once for a world and a shape, then read from its folder.
///
/// Where the world specifies probabilities the policy is fitted to them (the cross-entropy over every response, exactly); elsewhere it is
/// trained on the world's demonstrations.
@TensorActor
struct BasePolicy {
    let world: any World
    let settings: PolicySettings

    /// Loads the base, making it first where nobody has.
    ///
    /// - Parameter folder: where bases lie; processes that need the same one wait for the first.
    func decoder(in folder: String) throws(Diagnostic) -> Decoder {
        if let checkpoint = settings.checkpoint {
            if settings.hasRandomWeights {
                return try Decoder(
                    random: try ModelConfiguration(directory: checkpoint), seed: UInt64(settings.seed))
            }
            return try Decoder(directory: checkpoint, options: .init(elementType: .float32, packingRows: nil))
        }
        let key: JSONValue = ["world": world.settings, "policy": settings.baseKey, "version": 1]
        let place = "\(folder)/base-\(SHA256Digest.hexadecimal(of: key.canonicalText.utf8).prefix(16))"
        let lock = try FolderLock(place)
        defer { withExtendedLifetime(lock) {} }
        if access(place + "/config.json", R_OK) != 0 { try makeOnce(at: place) }
        return try Decoder(directory: place, options: .init(elementType: .float32, packingRows: nil))
    }

    /// Making is a function of the settings: what failed once would fail for every run of the arm, each time as slowly.
    private func makeOnce(at place: String) throws(Diagnostic) {
        let memo = place + ".failed"
        if let kept = try? JSONValue(readingFile: memo), let message = kept.stringValue { throw Self.unfit(message) }
        do throws(Diagnostic) { try make(at: place) } catch {
            if error.category == .badData { try WholeFile.write(JSONValue.string(error.message).text, to: memo) }
            throw error
        }
    }

    private static func unfit(_ message: String) -> Diagnostic {
        Diagnostic(
            .badData, message, at: .init(field: "policy.base"),
            remedy: "Give more base steps, a wider policy, or a larger tolerance")
    }

    /// What making it begins with.
    func drawn() throws(Diagnostic) -> Decoder {
        try Decoder(random: try ModelConfiguration(shape), seed: UInt64(settings.seed))
    }

    private var shape: ModelConfiguration.Shape {
        settings.shape(vocabulary: world.vocabularySize, positions: longest + 8, endTokens: world.endTokens)
    }

    /// What making it would take, from a few updates.
    func plannedSeconds() throws(Diagnostic) -> Double {
        guard settings.checkpoint == nil else { return 0 }
        let policy = try TrainablePolicy(try drawn(), optimizer: .init(beta2: 0.99, weightDecay: 0))
        let count = min(Self.timedSteps, settings.base.steps)
        var share = 1.0
        var begin = ContinuousClock.now
        for step in 0..<count {
            // What comes first is laid out once.
            if step == 1 { begin = .now }
            if let enumeration = world.enumeration, let targets = enumeration.specifiedLogProbabilities {
                share = Self.usualShareOfFit
                let chosen = prompts(step: step, count: promptsPerStep)
                _ = try fitStep(policy, chosen, targets, enumeration.responses, step: step)
            } else {
                try demonstrate(to: policy, step: step)
            }
        }
        return begin.duration(to: .now) / .seconds(1) / Double(max(count - 1, 1)) * Double(settings.base.steps) * share
    }

    private static let timedSteps = 4
    /// A fit ends when it is good enough: after 75 to 170 of 400 updates in the worlds of the studies.
    private static let usualShareOfFit = 0.3

    private func make(at place: String) throws(Diagnostic) {
        let policy = try TrainablePolicy(try drawn(), optimizer: .init(beta2: 0.99, weightDecay: 0))
        let partial = place + ".partial"
        if let enumeration = world.enumeration, let targets = enumeration.specifiedLogProbabilities {
            try fit(policy, to: targets, of: enumeration.responses)
        } else {
            for step in 0..<settings.base.steps { try demonstrate(to: policy, step: step) }
        }
        try CheckpointFolder(partial).write(policy.decoder, configuration: shape.json())
        guard rename(partial, place) == 0 else {
            throw Diagnostic(
                .inputMissing, "the base policy cannot be put in its place (\(String(cString: strerror(errno))))",
                at: .init(file: place), remedy: "Check the folder, its permissions and the free space")
        }
    }

    private var longest: Int {
        (world.prompts + world.heldOutPrompts).reduce(0) { max($0, $1.tokens.count) } + world.maximumTokens
    }

    /// Fits log π to a table, until the KL is far below the tolerance or the steps are used up.
    private func fit(
        _ policy: TrainablePolicy, to targets: [[Double]], of responses: [Response]
    ) throws(Diagnostic) {
        let count = promptsPerStep
        var divergence = Double.infinity
        var recent = 0.0
        for step in 0..<settings.base.steps {
            let chosen = prompts(step: step, count: count)
            recent = max(try fitStep(policy, chosen, targets, responses, step: step), recent)
            guard (step + 1) * count / world.prompts.count > step * count / world.prompts.count else { continue }
            (divergence, recent) = (recent, 0)
            if divergence < settings.base.tolerance / 100 { break }
        }
        guard divergence < settings.base.tolerance else {
            throw Self.unfit(
                "the base policy does not reach the specified probabilities: KL \(divergence) nats after "
                    + "\(settings.base.steps) steps")
        }
    }

    /// One update; the mean KL(specified ‖ policy) over the step's prompts before it.
    private func fitStep(
        _ policy: TrainablePolicy, _ chosen: [Int], _ targets: [[Double]], _ responses: [Response], step: Int
    ) throws(Diagnostic) -> Double {
        let batch = TokenSequences(
            prompts: chosen.flatMap { Array(repeating: world.prompts[$0].tokens, count: responses.count) },
            responses: chosen.flatMap { _ in responses.map(\.tokens) }, grammar: world.grammar)
        let logs = chosen.flatMap { targets[$0] }
        let weights = logs.map { exp($0) }
        var loss = 0.0
        try policy.accumulate(batch, parts: [0..<batch.count]) { (_, numbers) in
            let read = SupervisedObjective.evaluate(numbers, weights: weights, normalizer: Double(chosen.count))
            loss = read.loss
            return read.slopes
        }
        try policy.update(.init(learningRate: rate(at: step), gradientClip: 1))
        let entropy = zip(weights, logs).reduce(0) { $0 - $1.0 * $1.1 } / Double(chosen.count)
        return loss - entropy
    }

    private func demonstrate(to policy: TrainablePolicy, step: Int) throws(Diagnostic) {
        var (prompts, responses) = ([[Int32]](), [[Int32]]())
        for (place, index) in self.prompts(step: step, count: promptsPerStep).enumerated() {
            var stream = RandomStream(
                seed: UInt64(settings.seed), purpose: "base demonstrations", step: UInt64(step), item: UInt64(place))
            guard let response = try world.demonstration(of: world.prompts[index], &stream) else { continue }
            prompts.append(world.prompts[index].tokens)
            responses.append(response.tokens)
        }
        let batch = TokenSequences(prompts: prompts, responses: responses, grammar: world.grammar)
        let tokens = Double(max(responses.reduce(0) { $0 + $1.count }, 1))
        try policy.accumulate(batch, parts: [0..<batch.count]) { (range, numbers) in
            SupervisedObjective.evaluate(
                numbers, weights: Array(repeating: 1, count: range.count), normalizer: tokens
            ).slopes
        }
        try policy.update(.init(learningRate: rate(at: step), gradientClip: 1))
    }

    private var promptsPerStep: Int { min(settings.base.promptsPerStep, world.prompts.count) }

    /// Falls in a straight line.
    private func rate(at step: Int) -> Double {
        settings.base.learningRate * (1 - Double(step) / Double(max(settings.base.steps, 1)))
    }

    /// Every pass goes over all prompts in an order of its own.
    private func prompts(step: Int, count: Int) -> [Int] {
        let total = world.prompts.count
        return (0..<count).map { place in
            let index = step * count + place
            var stream = RandomStream(seed: UInt64(settings.seed), purpose: "base prompts", step: UInt64(index / total))
            return stream.permutation(total)[index % total]
        }
    }
}
