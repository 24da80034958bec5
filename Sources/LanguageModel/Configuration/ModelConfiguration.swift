import Diagnostics
import JSON
import Torch

/// A decoder's shape and constants, as a checkpoint's config.json states them.
public struct ModelConfiguration: Sendable, Hashable {
    /// What sits on the last hidden state.
    public enum Head: Sendable, Hashable {
        /// `…ForCausalLM`: logits over the vocabulary.
        case language
        /// `…ForSequenceClassification`: a linear head `score.weight` with this many outputs.
        case classification(labels: Int)
    }

    public enum Activation: Sendable, Hashable { case silu, gelu, geluTanh }

    public var family: Family
    public var architecture: String
    public var head: Head
    public var vocabularySize: Int
    /// Width of the hidden state.
    public var width: Int
    public var mlpWidth: Int
    public var layers: Int
    public var heads: Int
    public var kvHeads: Int
    public var headWidth: Int
    public var activation: Activation
    public var normEpsilon: Double
    public var rotary: RotaryConfiguration
    public var maximumPositions: Int
    public var hasTiedEmbeddings: Bool
    /// Biases of the query, key and value projections; of the attention's output; of the MLP.
    public var hasQueryBias: Bool
    public var hasOutputBias: Bool
    public var hasMLPBias: Bool
    /// Scale of the attention's dot products.
    public var attentionScale: Double
    /// Gemma 2's cap · tanh(x / cap) on attention scores and on logits.
    public var attentionSoftCap: Double?
    public var logitSoftCap: Double?
    /// Positions a token sees, a layer; `nil`: all before it.
    public var windows: [Int?]
    /// GPT-NeoX: attention and MLP both read the layer's input.
    public var hasParallelResidual: Bool
    /// The dtype the weights were saved in, where the file says so.
    public var savedType: ElementType?
    public var endTokens: [Int32]
    public var padToken: Int32?
}

extension ModelConfiguration {
    /// Reads `directory/config.json`.
    ///
    /// - Throws: `inputMissing` where it is not there; `badData` where the architecture is unknown or a field is wrong.
    public init(directory: String) throws(Diagnostic) {
        let path = directory + "/config.json"
        let values: JSONValue
        do throws(Diagnostic) { values = try JSONValue(readingFile: path) } catch {
            if error.category == .inputMissing {
                throw Diagnostic(
                    .inputMissing, "there is no readable config.json", at: .init(file: directory),
                    remedy: "Name a checkpoint folder in Hugging Face's format")
            }
            throw error.located(file: path)
        }
        try self.init(values, file: path)
    }

    init(_ values: JSONValue, file: String) throws(Diagnostic) {
        let stated = ConfigReader(values: values, file: file)
        let family = try Self.family(stated)
        let reader = stated.filled(with: family.defaults)
        let heads = try reader.size("num_attention_heads", upTo: 1 << 14)
        let width = try reader.size("hidden_size", upTo: 1 << 20)
        let headWidth = try Self.headWidth(reader, family, width: width, heads: heads)
        let layers = try reader.size("num_hidden_layers", upTo: 1 << 12)
        let architecture = try Self.architecture(reader)
        self.init(
            family: family, architecture: architecture, head: try Self.head(architecture, family, reader),
            vocabularySize: try reader.size("vocab_size", upTo: 1 << 24), width: width,
            mlpWidth: try reader.size("intermediate_size", upTo: 1 << 22), layers: layers, heads: heads,
            kvHeads: try reader.int(optional: "num_key_value_heads") ?? heads, headWidth: headWidth,
            activation: try Self.activation(reader, family),
            normEpsilon: try reader.positive(optional: family == .gptNeoX ? "layer_norm_eps" : "rms_norm_eps")
                ?? (family == .gptNeoX ? 1e-5 : 1e-6),
            rotary: try RotaryConfiguration(reader, headWidth: headWidth),
            maximumPositions: try reader.size("max_position_embeddings", upTo: 1 << 31),
            hasTiedEmbeddings: try reader.bool("tie_word_embeddings", default: false),
            hasQueryBias: try reader.bool("attention_bias", default: family == .qwen2),
            hasOutputBias: family == .qwen2 ? false : try reader.bool("attention_bias", default: false),
            hasMLPBias: try reader.bool("mlp_bias", default: family == .gptNeoX),
            attentionScale: try Self.attentionScale(reader, family, headWidth: headWidth),
            attentionSoftCap: family == .gemma2 ? try reader.positive(optional: "attn_logit_softcapping") : nil,
            logitSoftCap: family == .gemma2 ? try reader.positive(optional: "final_logit_softcapping") : nil,
            windows: try Self.windows(reader, family, layers: layers),
            hasParallelResidual: try reader.bool("use_parallel_residual", default: true),
            savedType: try Self.savedType(reader), endTokens: try reader.ids("eos_token_id"),
            padToken: try reader.ids("pad_token_id").first)
        try checkShape(reader)
    }

    private func checkShape(_ reader: ConfigReader) throws(Diagnostic) {
        guard kvHeads > 0, heads % kvHeads == 0 else {
            throw reader.wrong("num_key_value_heads", "a divisor of num_attention_heads")
        }
    }

    /// `head_dim`, else the width shared out among the heads. GPT-NeoX has no such field.
    private static func headWidth(
        _ reader: ConfigReader, _ family: Family, width: Int, heads: Int
    ) throws(Diagnostic) -> Int {
        if family != .gptNeoX, reader.has("head_dim") { return try reader.size("head_dim", upTo: 1 << 14) }
        guard width % heads == 0 else { throw reader.wrong("num_attention_heads", "a divisor of hidden_size") }
        return width / heads
    }

    private static func family(_ reader: ConfigReader) throws(Diagnostic) -> Family {
        guard let name = try reader.string(optional: "model_type") else { throw reader.missing("model_type") }
        guard let family = Family(rawValue: name) else {
            throw Diagnostic(
                .badData, "the model type '\(name)' is not supported",
                at: .init(file: reader.file, field: "model_type"),
                remedy: "Supported are \(Family.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return family
    }

    private static func architecture(_ reader: ConfigReader) throws(Diagnostic) -> String {
        guard let names = reader.values["architectures"]?.arrayValue, let name = names.first?.stringValue else {
            throw reader.missing("architectures")
        }
        return name
    }

    private static func head(
        _ architecture: String, _ family: Family, _ reader: ConfigReader
    ) throws(Diagnostic) -> Head {
        if architecture == family.className + "ForCausalLM" { return .language }
        if architecture == family.className + "ForSequenceClassification" {
            let labels = try reader.int(optional: "num_labels") ?? reader.values["id2label"]?.objectValue?.count ?? 1
            return .classification(labels: max(labels, 1))
        }
        throw Diagnostic(
            .badData, "the architecture '\(architecture)' is not supported",
            at: .init(file: reader.file, field: "architectures"),
            remedy: "Of the model type \(family.rawValue), \(family.className)ForCausalLM and "
                + "\(family.className)ForSequenceClassification are supported")
    }

    private static func activation(_ reader: ConfigReader, _ family: Family) throws(Diagnostic) -> Activation {
        let name =
            try reader.string(anyOf: ["hidden_activation", "hidden_act"])
            ?? (family == .gptNeoX ? "gelu" : family == .gemma2 ? "gelu_pytorch_tanh" : "silu")
        switch name {
        case "silu", "swish": return .silu
        // Gemma's configs say gelu in `hidden_act` where they mean the tanh form (transformers reads `hidden_activation`).
        case "gelu": return family == .gemma2 ? .geluTanh : .gelu
        case "gelu_pytorch_tanh", "gelu_new", "gelu_fast": return .geluTanh
        default:
            throw Diagnostic(
                .badData, "the activation '\(name)' is not supported",
                at: .init(file: reader.file, field: "hidden_act"),
                remedy: "Supported are silu, gelu and gelu_pytorch_tanh")
        }
    }

    private static func attentionScale(
        _ reader: ConfigReader, _ family: Family, headWidth: Int
    ) throws(Diagnostic) -> Double {
        guard family == .gemma2, let scalar = try reader.positive(optional: "query_pre_attn_scalar") else {
            return 1 / Double(headWidth).squareRoot()
        }
        return 1 / scalar.squareRoot()
    }

    /// `layer_types` where the file lists them, else the family's own rule.
    private static func windows(
        _ reader: ConfigReader, _ family: Family, layers: Int
    ) throws(Diagnostic) -> [Int?] {
        guard let window = try reader.int(optional: "sliding_window"), window > 0 else {
            return Array(repeating: nil, count: layers)
        }
        if reader.has("layer_types") { return try listedWindows(reader, window: window, layers: layers) }
        switch family {
        case .gemma2: return (0..<layers).map { $0 % 2 == 0 ? window : nil }
        case .mistral: return Array(repeating: window, count: layers)
        case .qwen2, .qwen3:
            guard try reader.bool("use_sliding_window", default: false) else {
                return Array(repeating: nil, count: layers)
            }
            let first = try reader.int(optional: "max_window_layers") ?? layers
            return (0..<layers).map { $0 >= first ? window : nil }
        case .llama, .gptNeoX: return Array(repeating: nil, count: layers)
        }
    }

    private static func listedWindows(
        _ reader: ConfigReader, window: Int, layers: Int
    ) throws(Diagnostic) -> [Int?] {
        let kinds = (reader.values["layer_types"]?.arrayValue ?? []).map(\.stringValue)
        guard kinds.count == layers, kinds.allSatisfy({ $0 == "sliding_attention" || $0 == "full_attention" }) else {
            throw reader.wrong("layer_types", "sliding_attention or full_attention for each of \(layers) layers")
        }
        return kinds.map { $0 == "sliding_attention" ? window : nil }
    }

    private static func savedType(_ reader: ConfigReader) throws(Diagnostic) -> ElementType? {
        let name = try reader.string(anyOf: ["dtype", "torch_dtype"])
        return name.flatMap { ElementType(rawValue: $0.hasPrefix("torch.") ? String($0.dropFirst(6)) : $0) }
    }
}

extension ModelConfiguration {
    /// Weights in the decoder's linear layers: what a token's matrix products cost, halved.
    public var linearParametersPerToken: Int {
        let attention = width * (heads + 2 * kvHeads) * headWidth + heads * headWidth * width
        let mlp = (family == .gptNeoX ? 2 : 3) * width * mlpWidth
        return layers * (attention + mlp)
    }

    /// How layer `index` attends.
    func attentionShape(layer index: Int) -> AttentionShape {
        AttentionShape(
            heads: heads, kvHeads: kvHeads, headWidth: headWidth, scale: attentionScale, softCap: attentionSoftCap,
            window: windows[index])
    }
}
