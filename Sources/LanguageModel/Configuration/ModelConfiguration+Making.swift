import Diagnostics
import JSON

extension ModelConfiguration {
    /// The shape of a decoder that is made, not loaded.
    public struct Shape: Sendable, Hashable {
        public var family: Family
        public var vocabularySize: Int
        public var width: Int
        public var layers: Int
        public var heads: Int
        public var kvHeads: Int
        public var mlpWidth: Int
        public var maximumPositions: Int
        public var hasTiedEmbeddings: Bool
        /// A text ends with one of these.
        public var endTokens: [Int32]

        public init(
            family: Family = .qwen2, vocabularySize: Int, width: Int, layers: Int, heads: Int, kvHeads: Int? = nil,
            mlpWidth: Int, maximumPositions: Int = 2048, hasTiedEmbeddings: Bool = true, endTokens: [Int32] = []
        ) {
            self.family = family
            self.vocabularySize = vocabularySize
            self.width = width
            self.layers = layers
            self.heads = heads
            self.kvHeads = kvHeads ?? heads
            self.mlpWidth = mlpWidth
            self.maximumPositions = maximumPositions
            self.hasTiedEmbeddings = hasTiedEmbeddings
            self.endTokens = endTokens
        }

        /// The shape as a config.json of Hugging Face's.
        ///
        /// - Parameter hasScoreHead: a `…ForSequenceClassification` with one output in place of a language model.
        public func json(hasScoreHead: Bool = false) -> JSONValue {
            var members: JSONObject = [
                "architectures": [
                    .string(family.className + (hasScoreHead ? "ForSequenceClassification" : "ForCausalLM"))
                ],
                "model_type": .string(family.rawValue), "dtype": "float32",
                "tie_word_embeddings": .bool(hasTiedEmbeddings), "rope_theta": 10000.0,
            ]
            members[family == .gptNeoX ? "layer_norm_eps" : "rms_norm_eps"] = 1e-6
            members["hidden_act"] = .string(family == .gptNeoX ? "gelu" : "silu")
            let sizes: [(String, Int)] = [
                ("vocab_size", vocabularySize), ("hidden_size", width), ("intermediate_size", mlpWidth),
                ("num_hidden_layers", layers), ("num_attention_heads", heads), ("num_key_value_heads", kvHeads),
                ("max_position_embeddings", maximumPositions),
            ]
            for (name, value) in sizes { members[name] = .integer(value) }
            if family == .gptNeoX { (members["rotary_pct"], members["rotary_emb_base"]) = (1.0, 10000.0) }
            if family != .gptNeoX { members["head_dim"] = .integer(width / max(heads, 1)) }
            if !endTokens.isEmpty { members["eos_token_id"] = .array(endTokens.map { .integer(Int($0)) }) }
            if hasScoreHead {
                members["num_labels"] = 1
                members["id2label"] = ["0": "LABEL_0"]
            }
            return .object(members)
        }
    }

    /// A configuration as a config.json states it.
    ///
    /// - Throws: `badData` where a field is wrong.
    public init(json: JSONValue) throws(Diagnostic) { try self.init(json, file: "config.json") }

    /// - Throws: `badData` where the sizes do not fit together.
    public init(_ shape: Shape, hasScoreHead: Bool = false) throws(Diagnostic) {
        try self.init(json: shape.json(hasScoreHead: hasScoreHead))
    }
}
