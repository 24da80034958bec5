import CTorch
import Diagnostics

/// The geometry of an attention layer.
public struct AttentionShape: Sendable, Hashable {
    public var heads: Int
    /// Key and value heads; each serves `heads / kvHeads` query heads.
    public var kvHeads: Int
    public var headWidth: Int
    /// Multiplies the dot products.
    public var scale: Double
    /// cap · tanh(x / cap) on the scaled dot products (Gemma 2); `nil`: none.
    public var softCap: Double?
    /// A token sees the last `window` positions, itself included; `nil`: all.
    public var window: Int?

    public init(heads: Int, kvHeads: Int, headWidth: Int, scale: Double, softCap: Double? = nil, window: Int? = nil) {
        self.heads = heads
        self.kvHeads = kvHeads
        self.headWidth = headWidth
        self.scale = scale
        self.softCap = softCap
        self.window = window
    }
}

/// What each run of query rows sees: ranges of key rows, from the root of its sequence on, the queries' own rows last.
/// Nothing is padded, and rows that several sequences share are listed, not copied.
public struct SegmentMap: Sendable {
    var segments: [AssaySegment] = []
    var ranges: [AssayRowRange] = []

    public init() {}

    /// Key rows, beside the queries or in the cache.
    public struct KeyRange: Sendable, Hashable {
        public var isCached: Bool
        public var rows: Range<Int>

        public init(isCached: Bool = false, rows: Range<Int>) {
            self.isCached = isCached
            self.rows = rows
        }
    }

    /// Adds a run of query rows. The last `queries.count` rows of `keys` are their own, seen causally; all rows before
    /// are seen by every query of the run.
    public mutating func append(queries: Range<Int>, keys: [KeyRange]) {
        let begin = ranges.count
        ranges += keys.map {
            AssayRowRange(source: $0.isCached ? 1 : 0, start: Int64($0.rows.lowerBound), length: Int64($0.rows.count))
        }
        segments.append(
            AssaySegment(
                start: Int64(queries.lowerBound), length: Int64(queries.count), keys_begin: Int64(begin),
                keys_end: Int64(ranges.count)))
    }
}

extension Tensor {
    /// Attention of queries [rows, heads, width] over keys and values [key rows, kvHeads, width] and, where a segment's
    /// keys lie there, a cache of the same layout. Returns [rows, heads, width].
    public static func attention(
        queries: Tensor, keys: Tensor, values: Tensor, cache: (keys: Tensor, values: Tensor)? = nil,
        segments map: SegmentMap, shape: AttentionShape
    ) throws(Diagnostic) -> Tensor {
        var settings = AssayAttention(
            scale: shape.scale, soft_cap: shape.softCap ?? 0, window: Int64(shape.window ?? 0),
            heads: Int64(shape.heads), kv_heads: Int64(shape.kvHeads), head_width: Int64(shape.headWidth))
        return try make(keeping: [queries, keys, values, cache?.keys, cache?.values]) { table, out in
            table.pointee.attention(
                queries.handle, keys.handle, values.handle, cache?.keys.handle, cache?.values.handle, map.segments,
                Int64(map.segments.count), map.ranges, Int64(map.ranges.count), &settings, out)
        }
    }

    /// What a language-model head says of given tokens, in nats.
    public struct TokenLogits: Sendable {
        /// z(row_j, token_j) of every target j, after cap and temperature.
        public var chosen: [Double]
        /// log Σ_v exp z(i, v) of every row i.
        public var logSumExp: [Double]
    }

    /// A token whose logit is wanted at a row.
    public struct TokenTarget: Sendable, Hashable {
        public var row: Int
        public var token: Int32

        public init(row: Int, token: Int32) {
            self.row = row
            self.token = token
        }
    }

    /// For hidden states [rows, width]: each row's log-sum-exp and the logits of the targets, whose rows must rise, with
    /// z = cap(hidden · weightᵀ) / temperature. The vocabulary-sized logits exist only for a chunk of rows at a time.
    public func tokenLogits(
        weight: LinearWeight, targets: [TokenTarget], softCap: Double? = nil, temperature: Double = 1
    ) throws(Diagnostic) -> TokenLogits {
        var chosen = [Double](repeating: 0, count: targets.count)
        var logSumExp = [Double](repeating: 0, count: shape[0])
        try Tensor.perform(on: [self, weight.tensor]) { table in
            table.pointee.token_logits(
                handle, weight.tensor.handle, weight.isPacked ? 1 : 0, targets.map { Int64($0.row) },
                targets.map { Int64($0.token) }, Int64(targets.count), softCap ?? 0, temperature, &chosen, &logSumExp)
        }
        return TokenLogits(chosen: chosen, logSumExp: logSumExp)
    }
}
