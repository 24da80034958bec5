import JSON

extension Family {
    /// What a config.json that leaves a field out means by it: the defaults of the family's configuration class in Hugging
    /// Face transformers. A field that is there and `null` is not left out.
    var defaults: JSONObject {
        switch self {
        case .llama: ["max_position_embeddings": 2048]
        case .mistral: ["num_key_value_heads": 8, "max_position_embeddings": 131_072, "sliding_window": 4096]
        case .qwen2:
            [
                "num_key_value_heads": 32, "max_position_embeddings": 32_768, "sliding_window": 4096,
                "max_window_layers": 28,
            ]
        case .qwen3:
            [
                "num_key_value_heads": 32, "head_dim": 128, "max_position_embeddings": 32_768, "sliding_window": 4096,
                "max_window_layers": 28,
            ]
        case .gemma2:
            [
                "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 8192, "sliding_window": 4096,
                "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50, "final_logit_softcapping": 30,
                "tie_word_embeddings": true,
            ]
        case .gptNeoX: ["max_position_embeddings": 2048, "rotary_pct": 0.25, "attention_bias": true]
        }
    }
}

extension ConfigReader {
    /// The same fields, with the family's defaults for those that are left out.
    func filled(with defaults: JSONObject) -> ConfigReader {
        guard var members = values.objectValue else { return self }
        for (key, value) in defaults where members[key] == nil { members[key] = value }
        return ConfigReader(values: .object(members), file: file)
    }
}
