import Diagnostics
import Torch

/// Makes one weight of another, by name. Names are Hugging Face's, but for joined projections (`…self_attn.qkv_proj`).
typealias ParameterTransform = (String, Tensor) throws(Diagnostic) -> Tensor

extension Norm {
    func mapped(_ name: String, _ transform: ParameterTransform) throws(Diagnostic) -> Norm {
        switch self {
        case .rootMeanSquare(let weight, let epsilon, let shift):
            .rootMeanSquare(weight: try transform(name + ".weight", weight), epsilon: epsilon, shift: shift)
        case .layer(let weight, let bias, let epsilon):
            .layer(
                weight: try transform(name + ".weight", weight), bias: try transform(name + ".bias", bias),
                epsilon: epsilon)
        }
    }
}

extension LinearWeight {
    func mapped(_ name: String, _ transform: ParameterTransform) throws(Diagnostic) -> LinearWeight {
        guard let plain else {
            throw Diagnostic(.internalFailure, "'\(name)' is laid out for inference and cannot be trained")
        }
        return LinearWeight(try transform(name, plain))
    }
}

extension Projection {
    func mapped(_ name: String, _ transform: ParameterTransform) throws(Diagnostic) -> Projection {
        var mapped = self
        mapped.weight = try weight.mapped(name + ".weight", transform)
        if let bias { mapped.bias = try transform(name + ".bias", bias) }
        if let adapter {
            mapped.adapter = LowRankAdapter(
                down: try transform(name + ".lora_A.weight", adapter.down),
                up: try transform(name + ".lora_B.weight", adapter.up), scale: adapter.scale)
        }
        return mapped
    }
}

extension DecoderLayer {
    func mapped(_ name: String, _ transform: ParameterTransform) throws(Diagnostic) -> DecoderLayer {
        func norm(_ part: String, _ norm: Norm?) throws(Diagnostic) -> Norm? {
            guard let norm else { return nil }
            return try norm.mapped("\(name).\(part)", transform)
        }
        func projection(_ part: String, _ projection: Projection) throws(Diagnostic) -> Projection {
            try projection.mapped("\(name).\(part)", transform)
        }
        var mapped = self
        mapped.inputNorm = try inputNorm.mapped("\(name).input_layernorm", transform)
        mapped.queryKeyValue = try projection("self_attn.qkv_proj", queryKeyValue)
        mapped.queryNorm = try norm("self_attn.q_norm", queryNorm)
        mapped.keyNorm = try norm("self_attn.k_norm", keyNorm)
        mapped.output = try projection("self_attn.o_proj", output)
        mapped.mlpNorm = try mlpNorm.mapped("\(name).mlp_norm", transform)
        if let gate { mapped.gate = try projection("mlp.gate_proj", gate) }
        mapped.up = try projection("mlp.up_proj", up)
        mapped.down = try projection("mlp.down_proj", down)
        mapped.attentionResultNorm = try norm("attention_result_norm", attentionResultNorm)
        mapped.mlpResultNorm = try norm("mlp_result_norm", mlpResultNorm)
        return mapped
    }

    /// The layer with each of its projections replaced.
    func mappingProjections(
        _ name: String, _ transform: (String, Projection) throws(Diagnostic) -> Projection
    ) throws(Diagnostic) -> DecoderLayer {
        var mapped = self
        mapped.queryKeyValue = try transform("\(name).self_attn.qkv_proj", queryKeyValue)
        mapped.output = try transform("\(name).self_attn.o_proj", output)
        if let gate { mapped.gate = try transform("\(name).mlp.gate_proj", gate) }
        mapped.up = try transform("\(name).mlp.up_proj", up)
        mapped.down = try transform("\(name).mlp.down_proj", down)
        return mapped
    }
}

extension Decoder {
    func mappedLanguageHead(
        embeddings: Tensor, _ transform: ParameterTransform
    ) throws(Diagnostic) -> LanguageHead? {
        guard let languageHead else { return nil }
        if configuration.hasTiedEmbeddings { return LanguageHead(plain: embeddings) }
        return LanguageHead(plain: try transform("lm_head.weight", languageHead.plain))
    }
}
