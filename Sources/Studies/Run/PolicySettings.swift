import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Torch
import Training

/// The policy of a run: a checkpoint, or a shape whose base is made in the run's world.
public struct PolicySettings: Sendable {
    /// A checkpoint folder; `nil`: the policy is made.
    public var checkpoint: String?
    /// Whether the checkpoint's weights are drawn, not read: to train from scratch.
    public var hasRandomWeights: Bool
    public var family: Family
    public var layers: Int
    public var width: Int
    public var heads: Int
    public var kvHeads: Int
    public var mlpWidth: Int
    public var hasTiedEmbeddings: Bool
    public var seed: Int
    public var trained: TrainablePolicy.Trained
    public var computeType: ElementType
    public var base: BaseSettings

    /// How a made policy becomes the world's base policy.
    public struct BaseSettings: Sendable, Hashable {
        public var steps: Int
        public var learningRate: Double
        /// KL(specified ‖ policy) at most, in nats a prompt; the base is not good enough above it.
        public var tolerance: Double
        public var promptsPerStep: Int
    }

    init(_ map: SettingsReader, folder: String) throws(Diagnostic) {
        var reader = map
        let checkpoint = try reader.string("checkpoint")
        self.checkpoint = checkpoint.map { $0.hasPrefix("/") || folder.isEmpty ? $0 : "\(folder)/\($0)" }
        hasRandomWeights = try reader.choice("weights", default: Weights.checkpoint) == .random
        family = try reader.choice("family", default: .qwen2)
        layers = try reader.integer("layers", default: 2, in: 1...256)
        width = try reader.integer("width", default: 48, in: 2...65_536)
        heads = try reader.integer("heads", default: 3, in: 1...1024)
        kvHeads = try reader.integer("kv-heads", default: heads, in: 1...1024)
        mlpWidth = try reader.integer("mlp", default: 2 * width + width / 2, in: 1...1_048_576)
        hasTiedEmbeddings = try reader.flag("tied", default: false)
        seed = try reader.integer("seed", default: 0, in: 0...Int.max)
        trained = try Self.trained(try reader.map("lora"), isGiven: reader.keys.contains("lora"))
        computeType = try reader.choice("dtype", default: Precision.float32) == .bfloat16 ? .bfloat16 : .float32
        var base = try reader.map("base")
        self.base = BaseSettings(
            steps: try base.integer("steps", default: 400, in: 0...1_000_000),
            learningRate: try base.number("learning-rate", default: 0.01, in: .positive),
            tolerance: try base.number("tolerance", default: 1e-3, in: .positive),
            promptsPerStep: try base.integer("prompts-per-step", default: 64, in: 1...65_536))
        try base.finish()
        try reader.finish()
        try check(reader)
    }

    private enum Weights: String, CaseIterable { case checkpoint, random }
    private enum Precision: String, CaseIterable { case float32, bfloat16 }

    private static func trained(
        _ map: SettingsReader, isGiven: Bool
    ) throws(Diagnostic) -> TrainablePolicy.Trained {
        guard isGiven else { return .all }
        var reader = map
        let rank = try reader.integer("rank", default: 8, in: 1...4096)
        let alpha = try reader.number("alpha", default: Double(2 * rank), in: .positive)
        try reader.finish()
        return .adapters(rank: rank, alpha: alpha, seed: 0)
    }

    private func check(_ reader: SettingsReader) throws(Diagnostic) {
        guard width % heads == 0, (width / heads) % 2 == 0, heads % kvHeads == 0 else {
            throw reader.wrong(
                "heads", .integer(heads),
                "should divide the width \(width) into heads of even width, and kv-heads the heads",
                remedy: "Give, for example, width: 48, heads: 3")
        }
    }

    /// The shape of a policy that is made for a vocabulary.
    func shape(vocabulary: Int, positions: Int, endTokens: Set<Int32>) -> ModelConfiguration.Shape {
        ModelConfiguration.Shape(
            family: family, vocabularySize: vocabulary, width: width, layers: layers, heads: heads, kvHeads: kvHeads,
            mlpWidth: mlpWidth, maximumPositions: positions, hasTiedEmbeddings: hasTiedEmbeddings,
            endTokens: endTokens.sorted())
    }

    /// What decides the base policy besides the world.
    var baseKey: JSONValue {
        [
            "family": .string(family.rawValue), "layers": .integer(layers), "width": .integer(width),
            "heads": .integer(heads), "kv": .integer(kvHeads), "mlp": .integer(mlpWidth),
            "tied": .bool(hasTiedEmbeddings), "seed": .integer(seed), "steps": .integer(base.steps),
            "rate": .number(base.learningRate), "prompts": .integer(base.promptsPerStep),
        ]
    }
}
