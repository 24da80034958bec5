import Diagnostics
import Torch

extension Decoder {
    /// A weight that training may move.
    public struct Parameter {
        /// Hugging Face's name, but for joined projections (`…self_attn.qkv_proj.weight`).
        public let name: String
        public let tensor: Tensor
        /// Whether it belongs to a low-rank adapter.
        public var isAdapter: Bool { name.contains(".lora_") }
    }

    /// Every weight, in the order of the layers; tied embeddings once.
    public func parameters() throws(Diagnostic) -> [Parameter] {
        var found: [Parameter] = []
        _ = try Decoder(self) { (name, tensor) throws(Diagnostic) in
            found.append(Parameter(name: name, tensor: tensor))
            return tensor
        }
        return found
    }

    /// The same decoder over other tensors.
    ///
    /// - Parameter transform: makes a weight of another, called in the order of ``parameters()``.
    public func replacingParameters(
        _ transform: (String, Tensor) throws(Diagnostic) -> Tensor
    ) throws(Diagnostic) -> Decoder {
        try Decoder(self, transform)
    }

    /// The same decoder with a fresh low-rank adapter beside every projection: `down` drawn with deviation 1/√in, `up` zero, so
    /// that nothing changes at first (Hu et al. 2021).
    public func addingAdapters(rank: Int, alpha: Double, seed: UInt64) throws(Diagnostic) -> Decoder {
        let weights = RandomWeights(configuration: configuration, seed: seed)
        return try Decoder(
            self,
            projections: { (name, projection) throws(Diagnostic) in
                let (out, width) = (projection.weight.shape[0], projection.weight.shape[1])
                var adapted = projection
                adapted.adapter = LowRankAdapter(
                    down: try weights.tensor(name + ".lora_A.weight", shape: [rank, width]),
                    up: try Tensor.zeros(shape: [out, rank]), scale: alpha / Double(rank))
                return adapted
            })
    }

    /// The same decoder with every adapter added to its weight.
    public func mergingAdapters() throws(Diagnostic) -> Decoder {
        try Decoder(
            self,
            projections: { (name, projection) throws(Diagnostic) in
                guard let adapter = projection.adapter, let plain = projection.weight.plain else { return projection }
                return Projection(
                    weight: LinearWeight(try plain.adding(try adapter.product())), bias: projection.bias, adapter: nil)
            })
    }

    /// The same decoder for inference, in another type and laid out for about `rows` rows a pass.
    public func packed(as type: ElementType, rows: Int) throws(Diagnostic) -> Decoder {
        let (device, type) = (device, type)
        let converted = try Decoder(try mergingAdapters()) { (_, tensor) throws(Diagnostic) in
            try tensor.detached().converted(to: type, device: device)
        }
        return try Decoder(
            Decoder(converted, type: type),
            projections: { (_, projection) throws(Diagnostic) in
                guard let plain = projection.weight.plain else { return projection }
                return Projection(
                    weight: try LinearWeight.packing(plain, rows: rows, device: device), bias: projection.bias,
                    adapter: nil)
            })
    }
}

extension Decoder {
    /// The weights under Hugging Face's names and in its layout, as a checkpoint file holds them.
    public func checkpointTensors() throws(Diagnostic) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in try mergingAdapters().parameters() {
            for (name, tensor) in try HuggingFaceLayout(configuration).tensors(of: parameter) { tensors[name] = tensor }
        }
        return tensors
    }
}

/// Turns this house's joined weights back into the layout of Hugging Face's checkpoints; the inverse of ``WeightLoader``.
struct HuggingFaceLayout {
    private let configuration: ModelConfiguration

    init(_ configuration: ModelConfiguration) { self.configuration = configuration }

    func tensors(of parameter: Decoder.Parameter) throws(Diagnostic) -> [(String, Tensor)] {
        let name = parameter.name
        if name.contains(".self_attn.qkv_proj.") { return try joined(name, parameter.tensor) }
        return [(configuration.family == .gptNeoX ? neoXName(name) : llamaName(name), parameter.tensor)]
    }

    private func joined(_ name: String, _ tensor: Tensor) throws(Diagnostic) -> [(String, Tensor)] {
        if configuration.family == .gptNeoX { return [(neoXName(name), try interleaved(tensor))] }
        let widths = [configuration.heads, configuration.kvHeads, configuration.kvHeads].map {
            $0 * configuration.headWidth
        }
        var parts: [(String, Tensor)] = []
        var start = 0
        for (part, width) in zip(["q_proj", "k_proj", "v_proj"], widths) {
            parts.append(
                (name.replacing("qkv_proj", with: part), try tensor.narrowed(0, start..<start + width)))
            start += width
        }
        return parts
    }

    /// [3, heads, headWidth, …] back to GPT-NeoX's [heads, 3, headWidth, …].
    private func interleaved(_ tensor: Tensor) throws(Diagnostic) -> Tensor {
        let c = configuration
        let rest = tensor.count / (3 * c.heads)
        return try tensor.reshaped([3, c.heads, rest]).transposed(0, 1).reshaped(tensor.shape)
    }

    private func llamaName(_ name: String) -> String {
        let isGemma = configuration.family == .gemma2
        return
            name
            .replacing(".mlp_norm.", with: isGemma ? ".pre_feedforward_layernorm." : ".post_attention_layernorm.")
            .replacing(".attention_result_norm.", with: ".post_attention_layernorm.")
            .replacing(".mlp_result_norm.", with: ".post_feedforward_layernorm.")
    }

    private func neoXName(_ name: String) -> String {
        if name == "lm_head.weight" { return "embed_out.weight" }
        return
            name
            .replacing("model.embed_tokens.", with: "gpt_neox.embed_in.")
            .replacing("model.norm.", with: "gpt_neox.final_layer_norm.")
            .replacing("model.layers.", with: "gpt_neox.layers.")
            .replacing(".self_attn.qkv_proj.", with: ".attention.query_key_value.")
            .replacing(".self_attn.o_proj.", with: ".attention.dense.")
            .replacing(".mlp_norm.", with: ".post_attention_layernorm.")
            .replacing(".mlp.up_proj.", with: ".mlp.dense_h_to_4h.")
            .replacing(".mlp.down_proj.", with: ".mlp.dense_4h_to_h.")
    }
}

extension Decoder {
    /// The same decoder computing in another type, by conversions that gradients go back through.
    public func converted(to type: ElementType) throws(Diagnostic) -> Decoder {
        let device = device
        let converted = try Decoder(self) { (name, tensor) throws(Diagnostic) in
            name == "score.weight" ? tensor : try tensor.converted(to: type, device: device)
        }
        return Decoder(converted, type: type)
    }
}
