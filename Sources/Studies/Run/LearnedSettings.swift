import Diagnostics
import Experiment
import JSON
import Rewards
import Worlds

/// How a `learned` spec is trained.
struct LearnedSettings: Sendable {
    enum Mechanism: String, CaseIterable {
        case labelNoise = "label-noise"
        case earlyStopping = "early-stopping"
        case capacity
    }

    /// Where it is trained, which says what is left out.
    enum Place: Sendable {
        /// On pairs of listed responses; a small model that is drawn.
        case listed
        /// On samples of a small policy that the world's base was made of, or of one whose weights are drawn, from its weights.
        case sampled
        /// On samples of a checkpoint, from its weights.
        case checkpoint

        init(_ world: any World, _ policy: PolicySettings) {
            let isDrawn = policy.checkpoint == nil || policy.hasRandomWeights
            self = world.enumeration != nil ? .listed : isDrawn ? .sampled : .checkpoint
        }

        fileprivate var pairs: Int {
            switch self {
            case .listed: 16_384
            case .sampled: 4096
            case .checkpoint: 2048
            }
        }

        fileprivate var learningRate: Double {
            switch self {
            case .listed: 0.01
            case .sampled: 0.003
            case .checkpoint: 5e-5
            }
        }
    }

    let mechanism: Mechanism
    let level: Double
    let pairs: Int
    let styleCorrelation: Double?
    let learningRate: Double
    let seed: UInt64
    private let place: Place

    /// Updates of a model of listed responses, where early stopping does not limit them.
    static let steps = 300
    /// Prompts of an update there; all their pairs are in it.
    static let promptsPerUpdate = 16
    /// Pairs of an update elsewhere.
    static let pairsPerUpdate = 16

    /// - Throws: `usage` where a key is wrong.
    init(_ spec: RewardSpec, seed: UInt64, in place: Place) throws(Diagnostic) {
        var parameters = spec.parameterReader
        mechanism = try parameters.choice("mechanism", default: .labelNoise)
        pairs = try parameters.integer("pairs", default: place.pairs, in: 2...10_000_000)
        let fallback = Self.level(mechanism, place, pairs: pairs)
        level = try parameters.double("level", default: fallback, in: .closed(0...100_000))
        let correlation = try parameters.double("style-correlation", default: 0, in: .closed(0...1))
        styleCorrelation = spec["style-correlation"] == nil ? nil : correlation
        learningRate = try parameters.double("learning-rate", default: place.learningRate, in: .positive)
        self.seed = try parameters.seed("seed", default: seed)
        self.place = place
        try parameters.finish()
        guard mechanism != .labelNoise || level <= 0.5 else {
            throw Diagnostic(
                .usage, "a share of \(level) flipped labels is beyond one half", at: .init(field: "level"),
                remedy: "Give a level from 0 to 0.5")
        }
    }

    private static func level(_ mechanism: Mechanism, _ place: Place, pairs: Int) -> Double {
        switch (mechanism, place) {
        case (.labelNoise, _): 0
        case (.earlyStopping, .listed): Double(steps)
        case (.earlyStopping, _): Double(onePass(pairs))
        case (.capacity, .listed): 48
        case (.capacity, _): 1
        }
    }

    private static func onePass(_ pairs: Int) -> Int { (pairs + pairsPerUpdate - 1) / pairsPerUpdate }

    static let hasNoStyles = Diagnostic(
        .usage, "only the world match has styles", at: .init(field: "style-correlation"),
        remedy: "Leave style-correlation out, or use world: {kind: match}")

    /// - Throws: `usage` where more layers are to be kept than the policy has.
    func check(layers: Int) throws(Diagnostic) {
        guard place == .listed || mechanism != .capacity || (1...Double(layers)).contains(level) else {
            throw Diagnostic(
                .usage, "of the policy's \(layers) layers \(level) cannot be kept", at: .init(field: "level"),
                remedy: "Give a number of layers from 1 to \(layers)")
        }
    }

    var noise: Double { mechanism == .labelNoise ? level : 0 }

    /// Updates of the training: those that `level` says, 300 of listed responses, one pass over the pairs elsewhere.
    var updates: Int {
        if mechanism == .earlyStopping { return Int(level) }
        return place == .listed ? Self.steps : Self.onePass(pairs)
    }

    /// Responses that an update scores, at most.
    ///
    /// - Parameters:
    ///   - prompts: of the world.
    ///   - listed: responses that are listed for a prompt.
    func responsesPerUpdate(prompts: Int, listed: Int) -> Int {
        guard place == .listed else { return 2 * Self.pairsPerUpdate }
        return min(Self.promptsPerUpdate, prompts) * min(2 * pairs / max(prompts, 1), listed)
    }

    /// What decides how long the training takes, in one world.
    var timingKey: String {
        let size = mechanism == .capacity ? level : 0
        return "\(pairs) pairs, \(updates) updates, \(size) in size, styled: \(styleCorrelation != nil)"
    }

    /// Falls in a straight line to 0 at the end of the training, or of as many updates as it has where nothing stops it.
    func rate(at step: Int) -> Double {
        let whole = place == .listed ? Self.steps : Self.onePass(pairs)
        return learningRate * (1 - Double(step) / Double(max(whole, updates)))
    }

    /// The model's width; an even number of columns a head.
    func width(like width: Int) -> Int { mechanism == .capacity ? max(2, Int(level) / 2 * 2) : width }

    /// How many of the policy's layers a model of its weights keeps, the first ones.
    func layers(of layers: Int) -> Int { mechanism == .capacity ? min(max(1, Int(level)), layers) : layers }
}
