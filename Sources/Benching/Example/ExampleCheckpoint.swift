import Diagnostics
import JSON
import Torch

/// A llama decoder of random weights in Hugging Face's format.
struct ExampleCheckpoint {
    enum Head { case language, score }

    let folder: String
    let head: Head
    let seed: UInt64

    private static let width = 64, mlpWidth = 160, layers = 2, heads = 4, kvHeads = 2, headWidth = 16
    /// The end of a text, the start and the end of a turn.
    private static let specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    private static var vocabularySize: Int { specialTokens.count + 256 }

    /// Writes configuration, tokenizer and chat template.
    func writeTexts() throws(Diagnostic) {
        try TableFile.write(configuration.text + "\n", to: "\(folder)/config.json")
        try TableFile.write(Self.tokenizer.text + "\n", to: "\(folder)/tokenizer.json")
        try TableFile.write(Self.tokenizerConfiguration.text + "\n", to: "\(folder)/tokenizer_config.json")
        try TableFile.write(Self.chatTemplate, to: "\(folder)/chat_template.jinja")
    }

    private var configuration: JSONValue {
        var members: JSONObject = [
            "architectures": [head == .language ? "LlamaForCausalLM" : "LlamaForSequenceClassification"],
            "model_type": "llama", "dtype": "float32", "hidden_act": "silu", "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0, "tie_word_embeddings": false, "attention_bias": false, "mlp_bias": false,
            "bos_token_id": nil,
        ]
        let sizes: [(String, Int)] = [
            ("hidden_size", Self.width), ("intermediate_size", Self.mlpWidth), ("num_hidden_layers", Self.layers),
            ("num_attention_heads", Self.heads), ("num_key_value_heads", Self.kvHeads), ("head_dim", Self.headWidth),
            ("vocab_size", Self.vocabularySize), ("max_position_embeddings", 1024), ("pad_token_id", 0),
            ("eos_token_id", 2),
        ]
        for (name, value) in sizes { members[name] = .integer(value) }
        if head == .score {
            members["num_labels"] = 1
            members["id2label"] = ["0": "LABEL_0"]
        }
        return .object(members)
    }

    // Tokenizer ---------------------------------------------------------------------------------------------------

    /// Every byte is a token: byte-level BPE without merges.
    private static var tokenizer: JSONValue {
        var vocabulary = JSONObject()
        for (id, token) in (specialTokens + byteAlphabet).enumerated() { vocabulary[token] = .integer(id) }
        let byteLevel: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        return [
            "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(addedTokens), "normalizer": nil,
            "pre_tokenizer": byteLevel, "post_processor": nil, "decoder": byteLevel,
            "model": [
                "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
                "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": .object(vocabulary), "merges": [],
            ],
        ]
    }

    private static var addedTokens: [JSONValue] {
        specialTokens.enumerated().map { id, token in
            [
                "id": .integer(id), "content": .string(token), "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true,
            ]
        }
    }

    /// GPT-2's printable stand-ins for the 256 bytes, in the bytes' order.
    private static var byteAlphabet: [String] {
        var next: UInt32 = 256
        return (UInt32(0)..<256).compactMap { byte in
            let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
            let scalar = isPrintable ? byte : next
            if !isPrintable { next += 1 }
            return Unicode.Scalar(scalar).map { String(Character($0)) }
        }
    }

    private static let tokenizerConfiguration: JSONValue = [
        "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
        "model_max_length": 1024,
    ]

    private static let chatTemplate = """
        {%- for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}\
        {%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}
        """
}

extension ExampleCheckpoint {
    /// Writes `model.safetensors`.
    @TensorActor
    func writeWeights() throws(Diagnostic) {
        var draw = WeightDraw(seed: seed)
        let (width, queryWidth, keyWidth) = (Self.width, Self.heads * Self.headWidth, Self.kvHeads * Self.headWidth)
        try draw.matrix("model.embed_tokens.weight", Self.vocabularySize, width)
        for layer in 0..<Self.layers {
            let prefix = "model.layers.\(layer)"
            try draw.norm("\(prefix).input_layernorm.weight", width)
            try draw.matrix("\(prefix).self_attn.q_proj.weight", queryWidth, width)
            try draw.matrix("\(prefix).self_attn.k_proj.weight", keyWidth, width)
            try draw.matrix("\(prefix).self_attn.v_proj.weight", keyWidth, width)
            try draw.matrix("\(prefix).self_attn.o_proj.weight", width, queryWidth)
            try draw.norm("\(prefix).post_attention_layernorm.weight", width)
            try draw.matrix("\(prefix).mlp.gate_proj.weight", Self.mlpWidth, width)
            try draw.matrix("\(prefix).mlp.up_proj.weight", Self.mlpWidth, width)
            try draw.matrix("\(prefix).mlp.down_proj.weight", width, Self.mlpWidth)
        }
        try draw.norm("model.norm.weight", width)
        if head == .language {
            try draw.matrix("lm_head.weight", Self.vocabularySize, width)
        } else {
            try draw.matrix("score.weight", 1, width)
        }
        try SafetensorsWriter.write(draw.tensors, to: "\(folder)/model.safetensors")
    }
}

/// Draws weights one after another, each from a seed of its own.
private struct WeightDraw {
    let seed: UInt64
    var tensors: [String: Tensor] = [:]

    init(seed: UInt64) { self.seed = seed }

    /// Independent normal entries whose variance keeps a product's size: 1 / in.
    mutating func matrix(_ name: String, _ out: Int, _ width: Int) throws(Diagnostic) {
        let own = seed &* 1000 &+ UInt64(tensors.count)
        tensors[name] = try Tensor.random(.normal, seed: own, shape: [out, width])
            .scaled(by: 1 / Double(width).squareRoot())
    }

    mutating func norm(_ name: String, _ width: Int) throws(Diagnostic) {
        tensors[name] = try Tensor.full(1, shape: [width])
    }
}
