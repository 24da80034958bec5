#include <ATen/Functions.h>

#include <algorithm>
#include <limits>

#include "Shim.hpp"

namespace assay {

namespace {

struct Source {
    at::Tensor k;
    at::Tensor v;
};

/// One segment's queries, with the keys and values of the path from the root to them.
struct Path {
    at::Tensor q;  // [rows, heads, width]
    at::Tensor k;  // [positions, kv_heads, width], the last `rows` of them the queries' own
    at::Tensor v;
};

Path path_of(const AssaySegment &segment, const at::Tensor &q, const Source *sources, const AssayRowRange *ranges) {
    std::vector<at::Tensor> keys, values;
    for (int64_t i = segment.keys_begin; i < segment.keys_end; ++i) {
        const Source &source = sources[ranges[i].source];
        keys.push_back(source.k.narrow(0, ranges[i].start, ranges[i].length));
        values.push_back(source.v.narrow(0, ranges[i].start, ranges[i].length));
    }
    if (keys.empty()) throw BadArgument("a segment sees no keys");
    Path path{q.narrow(0, segment.start, segment.length), keys.size() == 1 ? keys[0] : at::cat(keys, 0),
              values.size() == 1 ? values[0] : at::cat(values, 0)};
    if (path.k.size(0) < segment.length) throw BadArgument("a segment sees fewer keys than it has rows");
    return path;
}

/// Additive mask [rows, positions]: row i stands at position positions - rows + i and sees up to itself, within the
/// window.
template <typename Element>
void fill_mask(at::Tensor &mask, int64_t window) {
    const int64_t rows = mask.size(0), positions = mask.size(1), before = positions - rows;
    Element *entry = mask.data_ptr<Element>();
    const Element hidden = -std::numeric_limits<float>::infinity();
    for (int64_t i = 0; i < rows; ++i, entry += positions) {
        const int64_t last = before + i, first = window > 0 ? std::max<int64_t>(0, last - window + 1) : 0;
        std::fill(entry, entry + first, hidden);
        std::fill(entry + first, entry + last + 1, Element(0));
        std::fill(entry + last + 1, entry + positions, hidden);
    }
}

at::Tensor causal_mask(int64_t rows, int64_t positions, int64_t window, const at::Tensor &like) {
    const bool is_half_width = like.scalar_type() == at::kBFloat16 && like.is_cpu();
    at::Tensor mask = at::empty({rows, positions}, is_half_width ? at::kBFloat16 : at::kFloat);
    is_half_width ? fill_mask<at::BFloat16>(mask, window) : fill_mask<float>(mask, window);
    return mask.to(like.device(), like.scalar_type());
}

/// Query heads that share a key head become one batch entry, so grouped keys are read in place, not repeated.
at::Tensor by_group(const at::Tensor &x, int64_t kv_heads, int64_t group) {
    const int64_t rows = x.size(0), width = x.size(2);
    if (x.size(1) == kv_heads * group) return x.view({rows, kv_heads, group, width}).permute({1, 2, 0, 3});
    return x.permute({1, 0, 2}).unsqueeze(1).expand({kv_heads, group, rows, width});
}

/// The capped scores need the whole row at once; libtorch has no fused kernel with a cap.
at::Tensor capped_attention(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const at::Tensor &mask,
    const AssayAttention &settings) {
    at::Tensor scores = at::matmul(q.to(at::kFloat), k.to(at::kFloat).transpose(-2, -1)) * settings.scale;
    scores = settings.soft_cap * at::tanh(scores / settings.soft_cap);
    if (mask.defined()) scores = scores + mask.to(at::kFloat);
    return at::matmul(scores.softmax(-1), v.to(at::kFloat)).to(q.scalar_type());
}

/// Rows of queries that are scored together: their scores stay near the processor, and keys that none of them sees are
/// not multiplied.
constexpr int64_t kQueryBlock = 64;

/// Attention by libtorch's products, block by block of queries, with scores and softmax in float32. Query heads that
/// share a key head are rows of one product. Used where neither tiles nor the fused kernel have a fast path: capped scores, and
/// bfloat16 on processors that do not multiply it.
at::Tensor blocked_attention(const Path &path, const AssayAttention &settings) {
    const int64_t rows = path.q.size(0), keys = path.k.size(0), width = path.q.size(2), kv_heads = settings.kv_heads,
                  group = settings.heads / kv_heads, before = keys - rows;
    const at::Tensor k = path.k.permute({1, 2, 0}).to(at::kFloat).contiguous();
    const at::Tensor v = path.v.permute({1, 0, 2}).contiguous();
    at::Tensor result = at::empty({rows, kv_heads, group, width}, path.q.options());
    for (int64_t start = 0; start < rows; start += kQueryBlock) {
        const int64_t count = std::min(kQueryBlock, rows - start), end = before + start + count;
        const int64_t first = settings.window > 0 ? std::max<int64_t>(0, before + start - settings.window + 1) : 0;
        const at::Tensor q = path.q.narrow(0, start, count).view({count, kv_heads, group, width}).permute({1, 2, 0, 3});
        const at::Tensor scores = at::bmm(
            q.reshape({kv_heads, group * count, width}).to(at::kFloat), k.narrow(2, first, end - first));
        at::Tensor weights = at::empty(scores.sizes(), path.q.options());
        kernels::causal_softmax(
            scores, {count, before + start, first, settings.window, settings.scale, settings.soft_cap}, weights);
        result.narrow(0, start, count)
            .copy_(at::bmm(weights, v.narrow(1, first, end - first)).view({kv_heads, group, count, width}).permute({2, 0, 1, 3}));
    }
    return result.permute({1, 2, 0, 3});
}

bool has_matrix_tiles() {
#if defined(__x86_64__)
    static const bool tiles = __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16");
    return tiles;
#else
    return false;
#endif
}

bool prefers_blocks(const at::Tensor &q, const AssayAttention &settings, bool graph) {
    if (graph || !q.is_cpu()) return false;
    if (settings.soft_cap > 0) return q.scalar_type() != at::kHalf;
    return q.scalar_type() == at::kBFloat16 && q.size(0) > 1 && !has_matrix_tiles();
}

at::Tensor attend(const Path &path, const AssayAttention &settings, bool graph) {
    if (prefers_blocks(path.q, settings, graph)) return blocked_attention(path, settings);
    const int64_t rows = path.q.size(0), positions = path.k.size(0), group = settings.heads / settings.kv_heads;
    const at::Tensor q = by_group(path.q, settings.kv_heads, group), k = by_group(path.k, settings.kv_heads, group),
                     v = by_group(path.v, settings.kv_heads, group);
    const bool window_bites = settings.window > 0 && positions > settings.window;
    const bool is_plain_causal = rows == positions && !window_bites && settings.soft_cap == 0;
    const bool needs_mask = !is_plain_causal && (rows > 1 || window_bites);
    const at::Tensor mask = needs_mask ? causal_mask(rows, positions, settings.window, path.q) : at::Tensor();
    if (settings.soft_cap > 0) return capped_attention(q, k, v, mask, settings);
    const std::optional<at::Tensor> bias = needs_mask ? std::optional(mask) : std::nullopt;
    return at::scaled_dot_product_attention(q, k, v, bias, 0.0, is_plain_causal && rows > 1, settings.scale);
}

/// Segments that have the same shape: as many query rows, and keys from ranges of the same lengths and sources. They are
/// one batched call; what is gathered is copied once, which costs less than a call each.
struct Batch {
    std::vector<int64_t> members;
    int64_t rows, keys;
};

bool is_batchable(const AssayAttention &settings, const Source *sources) {
    return settings.soft_cap == 0 && !sources[1].k.defined();
}

int64_t key_count(const AssaySegment &segment, const AssayRowRange *ranges) {
    int64_t count = 0;
    for (int64_t i = segment.keys_begin; i < segment.keys_end; ++i) count += ranges[i].length;
    return count;
}

std::vector<Batch> batches_of(const AssaySegment *segments, int64_t count, const AssayRowRange *ranges) {
    std::vector<Batch> batches;
    for (int64_t i = 0; i < count; ++i) {
        if (segments[i].length == 0) continue;
        const int64_t keys = key_count(segments[i], ranges);
        const auto same = [&](const Batch &batch) { return batch.rows == segments[i].length && batch.keys == keys; };
        const auto found = std::find_if(batches.begin(), batches.end(), same);
        if (found == batches.end()) batches.push_back({{i}, segments[i].length, keys});
        else found->members.push_back(i);
    }
    return batches;
}

at::Tensor index_tensor(const std::vector<int64_t> &rows, const at::Tensor &like) {
    return at::tensor(rows, at::TensorOptions().dtype(at::kLong)).to(like.device());
}

bool are_consecutive(const std::vector<int64_t> &rows) {
    for (size_t i = 1; i < rows.size(); ++i)
        if (rows[i] != rows[i - 1] + 1) return false;
    return true;
}

/// Rows of x in an order, without a copy where they lie so.
at::Tensor gathered(const at::Tensor &x, const std::vector<int64_t> &rows) {
    if (rows.empty()) throw BadArgument("a segment sees no keys");
    if (are_consecutive(rows)) return x.narrow(0, rows[0], static_cast<int64_t>(rows.size()));
    return x.index_select(0, index_tensor(rows, x));
}

/// Attention of a batch of segments of one shape; appends the rows that it is of to `order`. [batch · rows, heads, width]
at::Tensor attend_batch(
    const Batch &batch, const AssaySegment *segments, const AssayRowRange *ranges, const at::Tensor &q,
    const Source &source, const AssayAttention &settings, std::vector<int64_t> &order) {
    std::vector<int64_t> queries, keys;
    for (const int64_t member : batch.members) {
        for (int64_t row = 0; row < batch.rows; ++row) queries.push_back(segments[member].start + row);
        for (int64_t i = segments[member].keys_begin; i < segments[member].keys_end; ++i)
            for (int64_t row = 0; row < ranges[i].length; ++row) keys.push_back(ranges[i].start + row);
    }
    if (batch.keys < batch.rows) throw BadArgument("a segment sees fewer keys than it has rows");
    const int64_t count = static_cast<int64_t>(batch.members.size()), group = settings.heads / settings.kv_heads;
    const auto by_segment = [&](const at::Tensor &x, const std::vector<int64_t> &rows, int64_t length) {
        return gathered(x, rows).view({count, length, x.size(1), x.size(2)}).transpose(1, 2);
    };
    const auto repeated = [&](const at::Tensor &x) {
        if (group == 1) return x;
        return x.unsqueeze(2).expand({count, settings.kv_heads, group, batch.keys, settings.head_width})
            .reshape({count, settings.heads, batch.keys, settings.head_width});
    };
    // Without matrix tiles libtorch multiplies bfloat16 attention in float32, one head at a time: converted once, it is faster.
    const bool widens = q.is_cpu() && q.scalar_type() == at::kBFloat16 && !has_matrix_tiles();
    const auto type = widens ? at::kFloat : q.scalar_type();
    const bool window_bites = settings.window > 0 && batch.keys > settings.window;
    const bool is_plain_causal = batch.rows == batch.keys && !window_bites;
    const bool needs_mask = !is_plain_causal && (batch.rows > 1 || window_bites);
    const std::optional<at::Tensor> mask =
        needs_mask ? std::optional(causal_mask(batch.rows, batch.keys, settings.window, q).to(type)) : std::nullopt;
    const at::Tensor seen = at::scaled_dot_product_attention(
        by_segment(q, queries, batch.rows).to(type), repeated(by_segment(source.k, keys, batch.keys).to(type)),
        repeated(by_segment(source.v, keys, batch.keys).to(type)), mask, 0.0, is_plain_causal && batch.rows > 1,
        settings.scale);
    order.insert(order.end(), queries.begin(), queries.end());
    return seen.transpose(1, 2).reshape({count * batch.rows, settings.heads, settings.head_width}).to(q.scalar_type());
}

/// Whether the batches hold every query row once.
bool covers(const std::vector<Batch> &batches, int64_t rows) {
    int64_t covered = 0;
    for (const Batch &batch : batches) covered += batch.rows * static_cast<int64_t>(batch.members.size());
    return covered == rows;
}

void check_range(const AssayRowRange &range, const Source *sources) {
    if (range.source != 0 && range.source != 1) throw BadArgument("a range of keys names no source");
    const Source &source = sources[range.source];
    if (!source.k.defined() || !source.v.defined()) throw BadArgument("a segment refers to a cache that is not there");
    if (range.start < 0 || range.length < 0 || range.start + range.length > source.k.size(0))
        throw BadArgument("a segment sees keys that are not there");
}

void check_segments(
    const AssaySegment *segments, int64_t count, const AssayRowRange *ranges, int64_t range_count, int64_t rows,
    const Source *sources) {
    std::vector<bool> named(static_cast<size_t>(rows));
    for (int64_t i = 0; i < count; ++i) {
        if (segments[i].keys_begin < 0 || segments[i].keys_end > range_count)
            throw BadArgument("a segment names keys beyond the list");
        if (segments[i].start < 0 || segments[i].length < 0 || segments[i].start + segments[i].length > rows)
            throw BadArgument("a segment names rows that are not there");
        for (int64_t row = segments[i].start; row < segments[i].start + segments[i].length; ++row) {
            if (named[static_cast<size_t>(row)]) throw BadArgument("two segments name the same row");
            named[static_cast<size_t>(row)] = true;
        }
        for (int64_t j = segments[i].keys_begin; j < segments[i].keys_end; ++j)
            check_range(ranges[j], sources);
    }
}

/// Whether every segment is one row, of a kind that the fused loop reads: a step of generation.
bool are_single_rows(const at::Tensor &q, const Source *sources, const AssaySegment *segments, int64_t count) {
    const bool is_read = q.is_cpu() && (q.scalar_type() == at::kFloat || q.scalar_type() == at::kBFloat16);
    if (!is_read || q.stride(2) != 1 || count == 0) return false;
    for (const Source *source : {sources, sources + 1})
        if (source->k.defined() && (source->k.stride(2) != 1 || source->v.stride(2) != 1 ||
                                    source->k.stride(1) != source->k.size(2) || source->v.stride(1) != source->v.size(2)))
            return false;
    return std::all_of(segments, segments + count, [](const AssaySegment &segment) {
        return segment.length == 1 && segment.keys_end > segment.keys_begin;
    });
}

/// All segments, those of one shape together; rows in the queries' order.
at::Tensor attend_batched(
    const std::vector<Batch> &batches, const AssaySegment *segments, const AssayRowRange *ranges, const at::Tensor &q,
    const Source &source, const AssayAttention &settings) {
    std::vector<at::Tensor> parts;
    std::vector<int64_t> order;
    for (const Batch &batch : batches)
        parts.push_back(attend_batch(batch, segments, ranges, q, source, settings, order));
    const at::Tensor all = parts.size() == 1 ? parts[0] : at::cat(parts, 0);
    if (are_consecutive(order) && order[0] == 0) return all;
    std::vector<int64_t> place(order.size());
    for (size_t i = 0; i < order.size(); ++i) place[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
    return all.index_select(0, index_tensor(place, all));
}

void check(const at::Tensor &q, const Source *sources, const AssayAttention &settings) {
    if (settings.kv_heads < 1 || settings.heads % settings.kv_heads != 0)
        throw BadArgument("the query heads are no multiple of the key heads");
    const auto fits = [&](const at::Tensor &x, int64_t heads) {
        return x.dim() == 3 && x.size(1) == heads && x.size(2) == settings.head_width &&
               x.scalar_type() == q.scalar_type();
    };
    if (!fits(q, settings.heads)) throw BadArgument("the queries do not have the shape of the attention's settings");
    for (const Source *source : {sources, sources + 1}) {
        if (!source->k.defined() || !source->v.defined()) continue;
        if (!fits(source->k, settings.kv_heads) || !fits(source->v, settings.kv_heads) ||
            source->k.size(0) != source->v.size(0))
            throw BadArgument("keys and values do not have the shapes of the attention's settings");
    }
}

/// What one call of the caller's asks for, checked.
struct Request {
    const at::Tensor &q;
    const Source *sources;
    const AssaySegment *segments;
    int64_t segment_count;
    const AssayRowRange *ranges;
    int64_t range_count;
    const AssayAttention &settings;
    bool graph;
};

/// By a kernel of our own, where one has these queries; else undefined.
at::Tensor attend_by_kernel(const Request &request) {
    const auto &[q, sources, segments, count, ranges, range_count, settings, graph] = request;
    if (graph) {
        if (sources[1].k.defined() || !kernels::fits_tiles(q, settings)) return {};
        return fused::attention(q, sources[0].k, sources[0].v, segments, count, ranges, range_count, settings);
    }
    const bool is_single = are_single_rows(q, sources, segments, count);
    // With matrix tiles libtorch's own attention is fast, too, and ours has not been measured.
    if (!is_single && (has_matrix_tiles() || !kernels::fits_tiles(q, settings))) return {};
    const kernels::SourceRows rows[2] = {{&sources[0].k, &sources[0].v}, {&sources[1].k, &sources[1].v}};
    at::Tensor result = at::empty(q.sizes(), q.options()), no_sums;
    if (is_single) kernels::attend_rows(q, rows, segments, count, ranges, settings, result);
    else kernels::attend_tiles(q, rows, segments, count, ranges, settings, result, no_sums);
    return result;
}

at::Tensor attend_one_by_one(const Request &request) {
    const auto &[q, sources, segments, count, ranges, range_count, settings, graph] = request;
    at::Tensor result = graph ? at::Tensor() : at::empty(q.sizes(), q.options());
    std::vector<at::Tensor> parts;
    for (int64_t i = 0; i < count; ++i) {
        const AssaySegment &segment = segments[i];
        if (segment.length == 0) continue;
        // [kv_heads, group, rows, width] -> [rows, kv_heads, group, width]
        const at::Tensor seen = attend(path_of(segment, q, sources, ranges), settings, graph).permute({2, 0, 1, 3});
        if (graph) {
            parts.push_back(seen.reshape({segment.length, settings.heads, settings.head_width}));
        } else {
            result.narrow(0, segment.start, segment.length)
                .view({segment.length, settings.kv_heads, settings.heads / settings.kv_heads, settings.head_width})
                .copy_(seen);
        }
    }
    return graph ? at::cat(parts, 0) : result;
}

}  // namespace

static AssayStatus attention(
    AssayTensorRef q, AssayTensorRef k, AssayTensorRef v, AssayTensorRef cache_k, AssayTensorRef cache_v,
    const AssaySegment *segments, int64_t segment_count, const AssayRowRange *key_ranges, int64_t range_count,
    const AssayAttention *settings, AssayTensorRef *out) {
    return giving(out, [&] {
        const Source sources[2] = {
            {value(k), value(v)}, {cache_k ? cache_k->value : at::Tensor(), cache_v ? cache_v->value : at::Tensor()}};
        check(value(q), sources, *settings);
        check_segments(segments, segment_count, key_ranges, range_count, value(q).size(0), sources);
        const bool graph = needs_graph({q, k, v});
        const Request request{value(q), sources, segments, segment_count, key_ranges, range_count, *settings, graph};
        if (const at::Tensor result = attend_by_kernel(request); result.defined()) return result;
        const std::vector<Batch> batches = batches_of(segments, segment_count, key_ranges);
        const bool is_worth_it = graph || (!prefers_blocks(value(q), *settings, graph) &&
                                           batches.size() * 4 <= static_cast<size_t>(segment_count));
        if (is_batchable(*settings, sources) && !batches.empty() && is_worth_it && covers(batches, value(q).size(0)))
            return attend_batched(batches, segments, key_ranges, value(q), sources[0], *settings);
        return attend_one_by_one(request);
    });
}

void fill_attention(AssayTorchTable &table) { table.attention = attention; }

}  // namespace assay
