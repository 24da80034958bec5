import Diagnostics
import Torch

/// One block of a decoder: attention, then MLP, each on a normalised input and added to the residual stream.
struct DecoderLayer {
    let attentionShape: AttentionShape
    var inputNorm: Norm
    /// Queries, keys and values in one product: [(heads + 2 · kvHeads) · headWidth, width].
    var queryKeyValue: Projection
    /// Qwen 3: norms of each head's queries and keys.
    var queryNorm: Norm?
    var keyNorm: Norm?
    var output: Projection
    var mlpNorm: Norm
    /// `nil` where the MLP has no gate (GPT-NeoX).
    var gate: Projection?
    var up: Projection
    var down: Projection
    let activation: ModelConfiguration.Activation
    /// Gemma 2: norms of the attention's and the MLP's results before they join the residual stream.
    var attentionResultNorm: Norm?
    var mlpResultNorm: Norm?
    let hasParallelResidual: Bool
}

/// The rows of one pass through the layers and what each sees.
struct DecoderPass {
    /// Where each row's keys and values go in the cache. `nil`: no cache, all keys are among the rows themselves.
    var cacheRows: [Int]?
    var positions: [Int64]
    /// What every row sees.
    var segments: SegmentMap
    /// The rows whose hidden states are wanted, rising, with what each sees; the last layer computes only these.
    var wanted: [Int]
    var wantedSegments: SegmentMap
}

/// A layer's keys and values, [rows, kvHeads, headWidth] each.
struct LayerCache {
    let keys: Tensor
    let values: Tensor
}

extension DecoderLayer {
    /// The residual stream after this layer: x [rows, width] → [rows, width], or only the wanted rows.
    func callAsFunction(
        _ x: Tensor, pass: DecoderPass, rotary: RotaryTable, cache: LayerCache?, onlyWanted: Bool
    ) throws(Diagnostic) -> Tensor {
        let projected = try project(try inputNorm(x), pass: pass, rotary: rotary)
        if let cache, let rows = pass.cacheRows {
            try cache.keys.writeRows(rows, projected.keys)
            try cache.values.writeRows(rows, projected.values)
        }
        let residual = onlyWanted ? try x.rows(pass.wanted) : x
        let attended = try Tensor.attention(
            queries: onlyWanted ? try projected.queries.rows(pass.wanted) : projected.queries, keys: projected.keys,
            values: projected.values, cache: cache.map { ($0.keys, $0.values) },
            segments: onlyWanted ? pass.wantedSegments : pass.segments, shape: attentionShape)
        let flat = try attended.reshaped([residual.shape[0], attentionShape.heads * attentionShape.headWidth])
        let afterAttention = try joining(residual, flat, through: output, norm: attentionResultNorm)
        return try mlp(try mlpNorm(hasParallelResidual ? residual : afterAttention), onto: afterAttention)
    }

    private func project(
        _ x: Tensor, pass: DecoderPass, rotary: RotaryTable
    ) throws(Diagnostic) -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let (heads, kvHeads) = (attentionShape.heads, attentionShape.kvHeads)
        let all = try queryKeyValue(x).reshaped([x.shape[0], heads + 2 * kvHeads, attentionShape.headWidth])
        let values = try all.narrowed(1, heads + kvHeads..<heads + 2 * kvHeads)
        if let queryNorm, let keyNorm {
            let queries = try queryNorm(try all.narrowed(1, 0..<heads))
            let keys = try keyNorm(try all.narrowed(1, heads..<heads + kvHeads))
            return (try rotary.rotate(queries, pass.positions), try rotary.rotate(keys, pass.positions), values)
        }
        let rotated = try rotary.rotate(try all.narrowed(1, 0..<heads + kvHeads), pass.positions)
        return (try rotated.narrowed(1, 0..<heads), try rotated.narrowed(1, heads..<heads + kvHeads), values)
    }

    private func mlp(_ x: Tensor, onto residual: Tensor) throws(Diagnostic) -> Tensor {
        let inner =
            if let gate, activation == .silu, gate.weight.plain != nil {
                try gate(x).gating(try up(x))
            } else if let gate { try up(x, epilogue: .multiplying(try gate(x, epilogue: epilogue))) } else {
                try up(x, epilogue: epilogue)
            }
        return try joining(residual, inner, through: down, norm: mlpResultNorm)
    }

    /// residual + norm(projection(x)), the sum inside the product where there is no norm.
    private func joining(
        _ residual: Tensor, _ x: Tensor, through projection: Projection, norm: Norm?
    ) throws(Diagnostic) -> Tensor {
        guard let norm else { return try projection(x, epilogue: .adding(residual)) }
        return try residual.adding(try norm(try projection(x)))
    }

    private var epilogue: Tensor.Epilogue {
        switch activation {
        case .silu: .silu
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        }
    }
}
