import Diagnostics
import Torch

/// A decoder-only transformer with a checkpoint's weights. Lives on ``TensorActor``'s thread, as its tensors do.
public final class Decoder {
    public let configuration: ModelConfiguration
    public let elementType: ElementType
    public let device: Device
    /// [vocabulary, width]; in the type it was saved in where it is only looked up.
    let embeddings: Tensor
    private let embeddingScale: Double
    let layers: [DecoderLayer]
    let finalNorm: Norm
    private let rotary: RotaryTable
    let languageHead: LanguageHead?
    /// `score.weight`, [labels, width], float32.
    let scoreHead: LinearWeight?

    /// How a decoder is loaded.
    public struct Options: Sendable, Hashable {
        /// `nil`: as the checkpoint was saved.
        public var elementType: ElementType?
        public var device: Device
        /// Rows a pass is expected to have; linear weights are laid out for it. `nil` keeps plain weights, for training.
        public var packingRows: Int?

        public init(elementType: ElementType? = nil, device: Device = .cpu, packingRows: Int? = 512) {
            self.elementType = elementType
            self.device = device
            self.packingRows = packingRows
        }
    }

    /// Loads a checkpoint folder in Hugging Face's format.
    ///
    /// - Throws: `inputMissing` where config.json, weights or libtorch are not there; `badData` where a file is broken or
    ///   the weights do not fit the configuration.
    public convenience init(directory: String, options: Options = Options()) throws(Diagnostic) {
        try self.init(
            configuration: try ModelConfiguration(directory: directory), source: try WeightStore(directory: directory),
            options: options, place: directory)
    }

    /// - Parameter place: names the checkpoint in errors.
    init(
        configuration: ModelConfiguration, source: any WeightSource, options: Options, place: String
    ) throws(Diagnostic) {
        let type = options.elementType ?? configuration.savedType ?? .float32
        guard [.float32, .bfloat16, .float16].contains(type) else {
            throw Diagnostic(
                .badData, "the dtype \(type.rawValue) cannot be computed with", at: .init(file: place),
                remedy: "Give --dtype float32 or bfloat16")
        }
        let loader = WeightLoader(
            source: source, configuration: configuration, type: type, device: options.device,
            packingRows: options.packingRows)
        self.configuration = configuration
        elementType = type
        device = options.device
        let isNeoX = configuration.family == .gptNeoX
        let shape = [configuration.vocabularySize, configuration.width]
        embeddings = try loader.lookupTable(isNeoX ? "gpt_neox.embed_in.weight" : "model.embed_tokens.weight", shape)
        embeddingScale = Self.embeddingScale(configuration, type: type)
        layers = try ProcessMemory.returningFreed { () throws(Diagnostic) in try Self.layers(loader) }
        finalNorm =
            isNeoX
            ? try loader.layerNorm("gpt_neox.final_layer_norm", width: configuration.width)
            : try loader.rootMeanSquareNorm("model.norm", width: configuration.width)
        rotary = try RotaryTable(
            configuration.rotary, positions: min(configuration.maximumPositions, 2048), device: options.device)
        languageHead = try Self.languageHead(loader, embeddings: embeddings, shape: shape)
        scoreHead = try Self.scoreHead(loader)
    }

    /// The same decoder with other weights, which `transform` makes of each.
    init(_ other: Decoder, _ transform: ParameterTransform) throws(Diagnostic) {
        configuration = other.configuration
        elementType = other.elementType
        device = other.device
        embeddingScale = other.embeddingScale
        rotary = other.rotary
        embeddings = try transform("model.embed_tokens.weight", other.embeddings)
        var layers: [DecoderLayer] = []
        for (index, layer) in other.layers.enumerated() {
            layers.append(try layer.mapped("model.layers.\(index)", transform))
        }
        self.layers = layers
        finalNorm = try other.finalNorm.mapped("model.norm", transform)
        languageHead = try other.mappedLanguageHead(embeddings: embeddings, transform)
        scoreHead = try other.scoreHead.map { (head) throws(Diagnostic) in try head.mapped("score.weight", transform) }
    }

    /// The same decoder with other projections.
    init(
        _ other: Decoder, projections transform: (String, Projection) throws(Diagnostic) -> Projection
    ) throws(Diagnostic) {
        (configuration, elementType, device) = (other.configuration, other.elementType, other.device)
        (embeddings, embeddingScale, rotary) = (other.embeddings, other.embeddingScale, other.rotary)
        (finalNorm, languageHead, scoreHead) = (other.finalNorm, other.languageHead, other.scoreHead)
        var layers: [DecoderLayer] = []
        for (index, layer) in other.layers.enumerated() {
            layers.append(try layer.mappingProjections("model.layers.\(index)", transform))
        }
        self.layers = layers
    }

    /// The same weights, already converted, said to be of another type.
    init(_ other: Decoder, type: ElementType) {
        (configuration, elementType, device) = (other.configuration, type, other.device)
        (embeddings, rotary, layers) = (other.embeddings, other.rotary, other.layers)
        (finalNorm, languageHead, scoreHead) = (other.finalNorm, other.languageHead, other.scoreHead)
        embeddingScale = Self.embeddingScale(other.configuration, type: type)
    }

    private static func layers(_ loader: WeightLoader) throws(Diagnostic) -> [DecoderLayer] {
        var layers: [DecoderLayer] = []
        for index in 0..<loader.configuration.layers { layers.append(try loader.layer(index)) }
        return layers
    }

    /// Gemma multiplies embeddings by √width, rounded to the computing type as the reference does.
    private static func embeddingScale(_ configuration: ModelConfiguration, type: ElementType) -> Double {
        guard configuration.family == .gemma2 else { return 1 }
        let scale = Float(Double(configuration.width).squareRoot())
        guard type == .bfloat16 else { return Double(scale) }
        let bits = scale.bitPattern
        return Double(Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000))
    }

    private static func languageHead(
        _ loader: WeightLoader, embeddings: Tensor, shape: [Int]
    ) throws(Diagnostic) -> LanguageHead? {
        let configuration = loader.configuration
        guard configuration.head == .language else { return nil }
        let name = configuration.family == .gptNeoX ? "embed_out.weight" : "lm_head.weight"
        let isTied = configuration.hasTiedEmbeddings
        let plain = isTied ? embeddings : try loader.lookupTable(name, shape)
        return LanguageHead(plain: plain, loader: loader, name: isTied ? nil : name)
    }

    private static func scoreHead(_ loader: WeightLoader) throws(Diagnostic) -> LinearWeight? {
        guard case .classification(let labels) = loader.configuration.head else { return nil }
        let weight = try loader.source.tensor("score.weight", shape: [labels, loader.configuration.width])
        return LinearWeight(try weight.copied(to: .float32, device: loader.device))
    }
}

/// The vocabulary head: plain for looking up rows, reordered when whole products are first asked for.
final class LanguageHead {
    let plain: Tensor
    /// Lays the weight out for whole products; `nil` keeps it plain.
    private let loader: WeightLoader?
    private let name: String?
    private var packed: LinearWeight?

    init(plain: Tensor, loader: WeightLoader? = nil, name: String? = nil) {
        self.plain = plain
        self.loader = loader
        self.name = name
    }

    func weight() throws(Diagnostic) -> LinearWeight {
        if let packed { return packed }
        guard let loader else { return LinearWeight(plain) }
        let weight = try loader.linearWeight(plain)
        packed = weight
        if let name { loader.source.forget(name) }
        return weight
    }
}

extension Decoder {
    /// Hidden states after the final norm of the wanted rows: [wanted, width].
    func hiddenStates(tokens: [Int32], pass: DecoderPass, cache: [LayerCache]?) throws(Diagnostic) -> Tensor {
        try checkTokens(tokens)
        var x = try embeddings.embedding(tokens).converted(to: elementType, device: device)
        if embeddingScale != 1 { x = try x.scaled(by: embeddingScale) }
        for (index, layer) in layers.enumerated() {
            let onlyWanted = index == layers.count - 1 && pass.wanted.count < tokens.count
            x = try layer(x, pass: pass, rotary: rotary, cache: cache?[index], onlyWanted: onlyWanted)
        }
        return try finalNorm(x)
    }

    private func checkTokens(_ tokens: [Int32]) throws(Diagnostic) {
        guard let wrong = tokens.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) else { return }
        throw Diagnostic(
            .badData, "token \(wrong) lies outside the model's vocabulary of \(configuration.vocabularySize)",
            remedy: "Tokenizer and weights do not belong together; check the checkpoint folder")
    }

    /// Room for the keys and values of `rows` rows in every layer.
    func makeCache(rows: Int) throws(Diagnostic) -> [LayerCache] {
        let shape = [rows, configuration.kvHeads, configuration.headWidth]
        var cache: [LayerCache] = []
        for _ in layers {
            cache.append(
                LayerCache(
                    keys: try Tensor.empty(shape: shape, type: elementType, device: device),
                    values: try Tensor.empty(shape: shape, type: elementType, device: device)))
        }
        return cache
    }

    /// The language head, or why there is none.
    func requireLanguageHead() throws(Diagnostic) -> LanguageHead {
        guard let languageHead else {
            throw Diagnostic(
                .usage, "the checkpoint is a \(configuration.architecture), which has no language-model head",
                remedy: "Name a …ForCausalLM checkpoint, or score it with explicit:")
        }
        return languageHead
    }

    /// Logits over the vocabulary [rows, vocabulary] for hidden states, capped where the family caps.
    func logits(_ hidden: Tensor) throws(Diagnostic) -> Tensor {
        let logits = try hidden.linear(try requireLanguageHead().weight())
        guard let cap = configuration.logitSoftCap else { return logits }
        return try logits.scaled(by: 1 / cap).applying(.tanh).scaled(by: cap)
    }

    /// Logits of a few tokens only: [rows, tokens], float32.
    func logits(_ hidden: Tensor, of tokens: [Int32]) throws(Diagnostic) -> Tensor {
        try checkTokens(tokens)
        let rows = try requireLanguageHead().plain.rows(tokens.map(Int.init)).converted(to: .float32, device: device)
        let logits = try hidden.converted(to: .float32, device: device).linear(LinearWeight(rows))
        guard let cap = configuration.logitSoftCap else { return logits }
        return try logits.scaled(by: 1 / cap).applying(.tanh).scaled(by: cap)
    }

    /// The score head's outputs for hidden states: [rows], float32 inside whatever the trunk computes in.
    func headScores(_ hidden: Tensor) throws(Diagnostic) -> [Double] { try headOutputs(hidden).doubles() }

    /// The score head's outputs, [rows, 1], differentiable.
    func headOutputs(_ hidden: Tensor) throws(Diagnostic) -> Tensor {
        guard let scoreHead else {
            throw Diagnostic(
                .usage, "the checkpoint is a \(configuration.architecture), which has no score head",
                remedy:
                    "Name a …ForSequenceClassification checkpoint, or read this one with endogenous:, likelihood: or "
                    + "implicit:")
        }
        guard scoreHead.shape[0] == 1 else {
            throw Diagnostic(
                .usage, "the score head has \(scoreHead.shape[0]) outputs; a reward has one",
                remedy: "Name a checkpoint with num_labels = 1")
        }
        return try hidden.converted(to: .float32, device: device).linear(scoreHead)
    }
}
