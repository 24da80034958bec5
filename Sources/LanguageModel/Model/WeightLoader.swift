import Diagnostics
import Torch

/// Where a decoder's weights come from: a checkpoint's files, or a draw.
protocol WeightSource {
    /// The weight of a name in Hugging Face's layout.
    func tensor(_ name: String, shape: [Int]) throws(Diagnostic) -> Tensor
    /// Says that the weight has been copied and is not asked for again.
    func forget(_ name: String)
}

extension WeightStore: WeightSource {}

/// Takes a checkpoint's weights into the form the arithmetic wants: converted, joined, reordered; each file range is given
/// back to the system as soon as it has been copied.
struct WeightLoader {
    let source: any WeightSource
    let configuration: ModelConfiguration
    let type: ElementType
    let device: Device
    /// Whether linear weights are reordered for inference, and for how many rows at a time.
    let packingRows: Int?

    /// A weight in the computing type; a copy unless it already is of that type and place.
    func tensor(_ name: String, _ shape: [Int]) throws(Diagnostic) -> Tensor {
        try source.tensor(name, shape: shape).converted(to: type, device: device)
    }

    /// A table whose rows are looked up one by one: as it was saved, for a conversion would copy all of it.
    func lookupTable(_ name: String, _ shape: [Int]) throws(Diagnostic) -> Tensor {
        guard device == .cpu, packingRows != nil else { return try tensor(name, shape) }
        return try source.tensor(name, shape: shape)
    }

    private func owned(_ name: String, _ shape: [Int]) throws(Diagnostic) -> Tensor {
        let copy = try source.tensor(name, shape: shape).copied(to: type, device: device)
        source.forget(name)
        return copy
    }

    func projection(_ name: String, out: Int, in width: Int, hasBias: Bool) throws(Diagnostic) -> Projection {
        let weight = try linearWeight(try tensor(name + ".weight", [out, width]))
        source.forget(name + ".weight")
        return Projection(weight: weight, bias: hasBias ? try owned(name + ".bias", [out]) : nil)
    }

    /// Several projections of one input as one.
    func joined(
        _ parts: [(name: String, out: Int)], in width: Int, hasBias: Bool
    ) throws(Diagnostic) -> Projection {
        var weights: [Tensor] = []
        var biases: [Tensor] = []
        for part in parts {
            weights.append(try tensor(part.name + ".weight", [part.out, width]))
            if hasBias { biases.append(try tensor(part.name + ".bias", [part.out])) }
        }
        let weight = try linearWeight(try Tensor.concatenated(weights))
        for part in parts { source.forget(part.name + ".weight") }
        return Projection(weight: weight, bias: hasBias ? try Tensor.concatenated(biases) : nil)
    }

    func linearWeight(_ plain: Tensor) throws(Diagnostic) -> LinearWeight {
        let plain = try plain.converted(to: type, device: device)
        guard let packingRows else { return LinearWeight(plain) }
        return try LinearWeight.packing(plain, rows: packingRows, device: device)
    }

    func rootMeanSquareNorm(_ name: String, width: Int) throws(Diagnostic) -> Norm {
        .rootMeanSquare(
            weight: try owned(name + ".weight", [width]), epsilon: configuration.normEpsilon,
            shift: configuration.family == .gemma2 ? 1 : 0)
    }

    func layerNorm(_ name: String, width: Int) throws(Diagnostic) -> Norm {
        .layer(
            weight: try owned(name + ".weight", [width]), bias: try owned(name + ".bias", [width]),
            epsilon: configuration.normEpsilon)
    }
}

extension WeightLoader {
    func layer(_ index: Int) throws(Diagnostic) -> DecoderLayer {
        configuration.family == .gptNeoX ? try neoXLayer(index) : try llamaLayer(index)
    }

    /// Llama's layout, which Mistral, Qwen and Gemma share.
    private func llamaLayer(_ index: Int) throws(Diagnostic) -> DecoderLayer {
        let c = configuration
        let prefix = "model.layers.\(index)"
        let queryWidth = c.heads * c.headWidth, keyWidth = c.kvHeads * c.headWidth
        let isGemma = c.family == .gemma2
        func norm(_ name: String) throws(Diagnostic) -> Norm {
            try rootMeanSquareNorm("\(prefix).\(name)", width: c.width)
        }
        func headNorm(_ name: String) throws(Diagnostic) -> Norm? {
            c.family == .qwen3 ? try rootMeanSquareNorm("\(prefix).self_attn.\(name)", width: c.headWidth) : nil
        }
        return DecoderLayer(
            attentionShape: c.attentionShape(layer: index), inputNorm: try norm("input_layernorm"),
            queryKeyValue: try joined(
                [
                    ("\(prefix).self_attn.q_proj", queryWidth), ("\(prefix).self_attn.k_proj", keyWidth),
                    ("\(prefix).self_attn.v_proj", keyWidth),
                ], in: c.width, hasBias: c.hasQueryBias),
            queryNorm: try headNorm("q_norm"), keyNorm: try headNorm("k_norm"),
            output: try projection(
                "\(prefix).self_attn.o_proj", out: c.width, in: queryWidth, hasBias: c.hasOutputBias),
            mlpNorm: try norm(isGemma ? "pre_feedforward_layernorm" : "post_attention_layernorm"),
            gate: try projection("\(prefix).mlp.gate_proj", out: c.mlpWidth, in: c.width, hasBias: c.hasMLPBias),
            up: try projection("\(prefix).mlp.up_proj", out: c.mlpWidth, in: c.width, hasBias: c.hasMLPBias),
            down: try projection("\(prefix).mlp.down_proj", out: c.width, in: c.mlpWidth, hasBias: c.hasMLPBias),
            activation: c.activation,
            attentionResultNorm: isGemma ? try norm("post_attention_layernorm") : nil,
            mlpResultNorm: isGemma ? try norm("post_feedforward_layernorm") : nil, hasParallelResidual: false)
    }

    private func neoXLayer(_ index: Int) throws(Diagnostic) -> DecoderLayer {
        let c = configuration
        let prefix = "gpt_neox.layers.\(index)"
        return DecoderLayer(
            attentionShape: c.attentionShape(layer: index),
            inputNorm: try layerNorm("\(prefix).input_layernorm", width: c.width),
            queryKeyValue: try neoXQueryKeyValue("\(prefix).attention.query_key_value"), queryNorm: nil, keyNorm: nil,
            output: try projection("\(prefix).attention.dense", out: c.width, in: c.width, hasBias: c.hasOutputBias),
            mlpNorm: try layerNorm("\(prefix).post_attention_layernorm", width: c.width), gate: nil,
            up: try projection("\(prefix).mlp.dense_h_to_4h", out: c.mlpWidth, in: c.width, hasBias: c.hasMLPBias),
            down: try projection("\(prefix).mlp.dense_4h_to_h", out: c.width, in: c.mlpWidth, hasBias: c.hasMLPBias),
            activation: c.activation, attentionResultNorm: nil, mlpResultNorm: nil,
            hasParallelResidual: c.hasParallelResidual)
    }

    /// GPT-NeoX stores queries, keys and values head by head, [heads, 3, headWidth]; here they go [3, heads, headWidth].
    private func neoXQueryKeyValue(_ name: String) throws(Diagnostic) -> Projection {
        let c = configuration
        let weight = try tensor(name + ".weight", [3 * c.width, c.width])
            .reshaped([c.heads, 3, c.headWidth * c.width]).transposed(0, 1).reshaped([3 * c.width, c.width])
        let packed = try linearWeight(weight)
        source.forget(name + ".weight")
        guard c.hasQueryBias else { return Projection(weight: packed, bias: nil) }
        let bias = try tensor(name + ".bias", [3 * c.width])
            .reshaped([c.heads, 3, c.headWidth]).transposed(0, 1).reshaped([3 * c.width])
        return Projection(weight: packed, bias: bias)
    }
}
