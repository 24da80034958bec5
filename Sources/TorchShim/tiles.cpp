// Attention in bfloat16 over tiles: 64 columns, each a query row of one head, against the keys of their path. Everything lies
// with keys down and queries across: a column's softmax runs over whole vectors, and what one product gives is laid out
// as the next one reads it. Products are libtorch's (oneDNN's batch-reduced kernel, which sums in float32); scores, softmax and
// sums of gradients stay in float32. Back, the weights are made again from each column's log Σ exp, as in FlashAttention-2 (Dao
// 2023, algorithm 2). A column's result depends on its own path alone, and nothing on the number of threads.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "Lanes.hpp"
#include "Shim.hpp"

namespace assay::kernels {
namespace {

constexpr int64_t kColumns = 64;       // of a tile; also what oneDNN reads at once of a packed matrix
constexpr int64_t kKeyStep = 32;       // keys are filled up to a multiple, which bounds the kernels that oneDNN makes
constexpr int64_t kChunk = 256;        // keys of one product, for the same reason
constexpr int64_t kPartRows = 256;     // query rows that one thread takes together
constexpr int64_t kWaveBytes = 64 << 20;  // gradients of keys and values that wait to be added up
constexpr float kHidden = -std::numeric_limits<float>::infinity();

int64_t rounded_up(int64_t count, int64_t step) { return (count + step - 1) / step * step; }

/// c[rows, columns] = or += a[rows, depth] · b[depth, columns]; a and b bfloat16, rows of `b` two by two: [depth / 2, columns] pairs.
void multiply(
    int64_t rows, int64_t columns, int64_t depth, const uint16_t *a, int64_t stride_a, const uint32_t *b, float *c,
    int64_t stride_c, bool adds) {
    at::native::cpublas::brgemm(
        rows, columns, depth, stride_a, columns, stride_c, adds, reinterpret_cast<const at::BFloat16 *>(a),
        reinterpret_cast<const at::BFloat16 *>(b), c);
}

inline uint32_t paired(uint16_t low, uint16_t high) { return static_cast<uint32_t>(high) << 16 | low; }

/// x [rows, width] -> [width / 2, rows] pairs: a pair is two neighbours of a row.
ASSAY_CLONES void pair_across(const uint16_t *x, int64_t rows, int64_t width, uint32_t *out) {
    for (int64_t i = 0; i < width / 2; ++i)
        for (int64_t row = 0; row < rows; ++row) std::memcpy(out + i * rows + row, x + row * width + 2 * i, sizeof *out);
}

/// x [rows, width] -> blocks of at most kColumns columns, each [rows / 2, columns] pairs: a pair is two neighbours of a column.
ASSAY_CLONES void pair_down(const uint16_t *x, int64_t rows, int64_t width, uint32_t *out) {
    for (int64_t block = 0; block < width; block += kColumns) {
        const int64_t columns = std::min(kColumns, width - block);
        for (int64_t row = 0; row < rows; row += 2, out += columns) {
            const uint16_t *low = x + row * width + block, *high = low + width;
            for (int64_t i = 0; i < columns; ++i) out[i] = paired(low[i], high[i]);
        }
    }
}

/// x [rows, width] -> [width, rows]
ASSAY_CLONES void transpose(const uint16_t *x, int64_t rows, int64_t width, uint16_t *out) {
    for (int64_t i = 0; i < width; ++i)
        for (int64_t row = 0; row < rows; ++row) out[i * rows + row] = x[row * width + i];
}

/// exp(x) for x <= 0, and 0 where float32 has next to nothing left.
inline float weight_of(float x) {
    const float e = exp_nonpositive(x);
    return x < -87.0f ? 0.0f : e;
}

/// Softmax down the columns of scores [keys, kColumns] times `scale`, not yet divided by its sum, as pairs of keys; each
/// column's largest score and sum.
ASSAY_CLONES void column_softmax(const float *scores, int64_t keys, float scale, uint32_t *weights, float *top, float *sum) {
    std::fill(top, top + kColumns, kHidden);
    std::fill(sum, sum + kColumns, 0.0f);
    for (int64_t key = 0; key < keys; ++key)
        for (int64_t i = 0; i < kColumns; ++i) {
            const float score = scores[key * kColumns + i] * scale;
            top[i] = top[i] > score ? top[i] : score;
        }
    for (int64_t key = 0; key < keys; key += 2)
        for (int64_t i = 0; i < kColumns; ++i) {
            const float *at = scores + key * kColumns + i;
            const float first = weight_of(at[0] * scale - top[i]), second = weight_of(at[kColumns] * scale - top[i]);
            sum[i] += first + second;
            weights[key / 2 * kColumns + i] = paired(narrow(first), narrow(second));
        }
}

/// From scores and the weights' slopes, both [keys, kColumns]: weights, the scores' slopes, and these in pairs of keys.
ASSAY_CLONES void column_slopes(
    const float *scores, const float *weight_slopes, int64_t keys, float scale, const float *log_sum, const float *mean_slope,
    uint16_t *weights, uint16_t *slopes, uint32_t *slope_pairs) {
    for (int64_t key = 0; key < keys; key += 2) {
        const int64_t at = key * kColumns, next = at + kColumns;
        for (int64_t i = 0; i < kColumns; ++i) {
            const float first = weight_of(scores[at + i] * scale - log_sum[i]);
            const float second = weight_of(scores[next + i] * scale - log_sum[i]);
            const uint16_t first_slope = narrow(first * (weight_slopes[at + i] - mean_slope[i]) * scale);
            const uint16_t second_slope = narrow(second * (weight_slopes[next + i] - mean_slope[i]) * scale);
            weights[at + i] = narrow(first);
            weights[next + i] = narrow(second);
            slopes[at + i] = first_slope;
            slopes[next + i] = second_slope;
            slope_pairs[key / 2 * kColumns + i] = paired(first_slope, second_slope);
        }
    }
}

/// x [width, kColumns], each column times its factor -> [kColumns, width] in bfloat16.
ASSAY_CLONES void turn_back(const float *x, const float *factors, int64_t width, uint16_t *narrowed, uint16_t *out) {
    for (int64_t j = 0; j < width; ++j)
        for (int64_t i = 0; i < kColumns; ++i) narrowed[j * kColumns + i] = narrow(x[j * kColumns + i] * factors[i]);
    for (int64_t i = 0; i < kColumns; ++i)
        for (int64_t j = 0; j < width; ++j) out[i * width + j] = narrowed[j * kColumns + i];
}

/// out[i] = a[i, ·] · b[i, ·] for kColumns rows; the width is a multiple of the lanes.
ASSAY_CLONES void row_products(const uint16_t *a, const uint16_t *b, int64_t width, float *out) {
    for (int64_t i = 0; i < kColumns; ++i) {
        float lanes[kLanes] = {};
        for (int64_t j = i * width; j < (i + 1) * width; j += kLanes)
            for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += widen(a[j + lane]) * widen(b[j + lane]);
        out[i] = sum_lanes(lanes);
    }
}

ASSAY_CLONES void add_rows(const float *from, float *to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) to[i] += from[i];
}

/// Rows of bfloat16 whose heads lie side by side.
struct HeadRows {
    at::Tensor held;
    const uint16_t *data = nullptr;
    int64_t stride = 0;

    HeadRows() = default;
    explicit HeadRows(const at::Tensor &x)
        : held(x.stride(2) == 1 && x.stride(1) == x.size(2) ? x : x.contiguous()),
          data(static_cast<const uint16_t *>(held.const_data_ptr())), stride(held.stride(0)) {}
};

/// A run of one segment's query rows, for one key head.
struct Part {
    int64_t segment, kv_head;
    int64_t row, rows;        // among the queries
    int64_t first_position;   // of `row` on its path
    int64_t keys() const { return first_position + rows; }  // that its last row sees
    int64_t filled_keys() const { return rounded_up(keys(), kKeyStep); }
};

struct Work {
    const AssaySegment *segments;
    const AssayRowRange *ranges;
    AssayAttention settings;

    int64_t width() const { return settings.head_width; }
    int64_t members() const { return settings.heads / settings.kv_heads; }
    int64_t rows_of_tile() const { return kColumns / members(); }

    std::vector<Part> parts(int64_t count) const {
        std::vector<Part> result;
        for (int64_t i = 0; i < count; ++i) {
            int64_t keys = 0;
            for (int64_t j = segments[i].keys_begin; j < segments[i].keys_end; ++j) keys += ranges[j].length;
            if (keys < segments[i].length) throw BadArgument("a segment sees fewer keys than it has rows");
            const int64_t before = keys - segments[i].length, step = kPartRows / rows_of_tile() * rows_of_tile();
            for (int64_t start = 0; start < segments[i].length; start += step)
                for (int64_t head = 0; head < settings.kv_heads; ++head)
                    result.push_back(
                        {i, head, segments[i].start + start, std::min(step, segments[i].length - start), before + start});
        }
        return result;
    }

    /// Calls visit(source, row there, position, count) for the runs of the first `keys` positions of a part's path.
    template <typename Visit>
    void each_run(const Part &part, Visit visit) const {
        const AssaySegment &segment = segments[part.segment];
        int64_t position = 0;
        for (int64_t i = segment.keys_begin; i < segment.keys_end && position < part.keys(); ++i) {
            const int64_t count = std::min(ranges[i].length, part.keys() - position);
            visit(ranges[i].source, ranges[i].start, position, count);
            position += count;
        }
    }

    /// One key head's rows along a part's path, zeros after them. [filled keys, width]
    void gather(const Part &part, const HeadRows *sources, std::vector<uint16_t> &out) const {
        out.assign(static_cast<size_t>(part.filled_keys() * width()), 0);
        each_run(part, [&](int64_t source, int64_t row, int64_t position, int64_t count) {
            const HeadRows &rows = sources[source];
            for (int64_t i = 0; i < count; ++i)
                std::copy_n(
                    rows.data + (row + i) * rows.stride + part.kv_head * width(), width(),
                        out.data() + (position + i) * width());
        });
    }
};

/// A part's query rows that make one tile, and the keys that they see: from `begin` up to `end`, both multiples of kKeyStep.
struct Tile {
    int64_t row, rows, first_position, begin, end;

    Tile(const Part &part, int64_t start, const Work &work)
        : row(part.row + start), rows(std::min(work.rows_of_tile(), part.rows - start)),
          first_position(part.first_position + start), begin(0), end(rounded_up(first_position + rows, kKeyStep)) {
        const int64_t window = work.settings.window;
        if (window > 0) begin = std::max<int64_t>(0, first_position - window + 1) / kKeyStep * kKeyStep;
    }
    int64_t keys() const { return end - begin; }

    /// The rows of one key head's queries, or of what stands where they stand. [kColumns, width], zeros after them.
    void load(const HeadRows &from, const Part &part, const Work &work, std::vector<uint16_t> &out) const {
        const int64_t run = work.members() * work.width();
        out.assign(static_cast<size_t>(kColumns * work.width()), 0);
        for (int64_t i = 0; i < rows; ++i)
            std::copy_n(from.data + (row + i) * from.stride + part.kv_head * run, run, out.data() + i * run);
    }

    /// Puts what the columns gave where the rows of one key head's queries stand in [rows, heads, width].
    void store(const uint16_t *columns, const Part &part, const Work &work, uint16_t *out) const {
        const int64_t run = work.members() * work.width();
        for (int64_t i = 0; i < rows; ++i)
            std::copy_n(columns + i * run, run, out + ((row + i) * work.settings.kv_heads + part.kv_head) * run);
    }

    /// The place of column i in [rows, heads].
    int64_t place(int64_t i, const Part &part, const Work &work) const {
        const int64_t members = work.members();
        return (row + i / members) * work.settings.heads + part.kv_head * members + i % members;
    }

    /// Hides the keys that come after a column's row or before its window.
    void mask(const Work &work, float *scores) const {
        const int64_t members = work.members(), window = work.settings.window;
        const auto hide = [&](int64_t key) {
            float *line = scores + (key - begin) * kColumns;
            for (int64_t i = 0; i < kColumns; ++i) {
                const int64_t position = first_position + std::min(i / members, rows - 1);
                if (key > position || (window > 0 && key <= position - window)) line[i] = kHidden;
            }
        };
        if (window > 0)
            for (int64_t key = begin; key <= std::min(first_position + rows - 1 - window, end - 1); ++key) hide(key);
        for (int64_t key = first_position + 1; key < end; ++key) hide(key);
    }
};

/// What one thread works with.
struct Scratch {
    std::vector<uint16_t> keys, values, turned, queries, slopes, result, weights, score_slopes, narrowed;
    std::vector<uint32_t> query_pairs, slope_pairs, weight_pairs, query_rows, slope_rows;
    std::vector<float> scores, weight_slopes, sums;
    float top[kColumns], sum[kColumns];
};

template <typename Element>
Element *sized(std::vector<Element> &buffer, int64_t count) {
    if (buffer.size() < static_cast<size_t>(count)) buffer.resize(static_cast<size_t>(count));
    return buffer.data();
}

/// keys [.., width] from begin on times columns -> [keys, kColumns]
void multiply_by_columns(
    const Tile &tile, const uint16_t *rows, int64_t width, const uint32_t *columns, float *out) {
    for (int64_t key = tile.begin; key < tile.end; key += kChunk)
        multiply(
            std::min(kChunk, tile.end - key), kColumns, width, rows + key * width, width, columns,
            out + (key - tile.begin) * kColumns, kColumns, false);
}

/// turned [width, filled keys] times pairs of keys [keys / 2, kColumns] -> [width, kColumns]
void sum_over_keys(
    const Tile &tile, const uint16_t *turned, int64_t stride, int64_t width, const uint32_t *pairs, float *out) {
    for (int64_t key = tile.begin; key < tile.end; key += kChunk)
        multiply(
            width, kColumns, std::min(kChunk, tile.end - key), turned + key, stride,
            pairs + (key - tile.begin) / 2 * kColumns, out, kColumns, key > tile.begin);
}

/// weights [keys, kColumns] times rows [kColumns, width] as blocks of pairs; adds to out [.., width] from begin on.
void add_over_columns(const Tile &tile, const uint16_t *weights, const uint32_t *rows, int64_t width, float *out) {
    for (int64_t block = 0; block < width; block += kColumns) {
        const int64_t columns = std::min(kColumns, width - block);
        for (int64_t key = tile.begin; key < tile.end; key += kChunk)
            multiply(
                std::min(kChunk, tile.end - key), columns, kColumns, weights + (key - tile.begin) * kColumns, kColumns,
                rows + block * kColumns / 2, out + key * width + block, width, true);
    }
}

/// Runs `body(i, scratch)` for every part, the costly ones first, on all threads.
template <typename Body>
void each_part(const std::vector<Part> &parts, size_t begin, size_t end, Body body) {
    std::vector<size_t> order(end - begin);
    std::iota(order.begin(), order.end(), begin);
    const auto cost = [&](size_t i) { return parts[i].rows * parts[i].keys(); };
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return cost(a) > cost(b); });
    std::atomic<size_t> next{0};
    at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) {
        Scratch scratch;
        for (size_t i = next++; i < order.size(); i = next++) body(order[i], scratch);
        at::native::cpublas::brgemm_release();
    });
}

/// What the products give here, held against whole numbers, which bfloat16 and float32 hold exactly.
bool are_products_right() {
    constexpr int64_t kDepth = 32, kRows = 32;
    std::vector<uint16_t> a(kRows * kDepth), b(kDepth * kColumns);
    std::vector<uint32_t> pairs(kDepth / 2 * kColumns);
    std::vector<float> c(kRows * kColumns);
    for (size_t i = 0; i < a.size(); ++i) a[i] = narrow(static_cast<float>(static_cast<int64_t>(i * 7 % 13) - 6));
    for (size_t i = 0; i < b.size(); ++i) b[i] = narrow(static_cast<float>(static_cast<int64_t>(i * 11 % 17) - 8));
    pair_down(b.data(), kDepth, kColumns, pairs.data());
    try {
        multiply(kRows, kColumns, kDepth, a.data(), kDepth, pairs.data(), c.data(), kColumns, false);
        multiply(kRows, kColumns, kDepth, a.data(), kDepth, pairs.data(), c.data(), kColumns, true);
        at::native::cpublas::brgemm_release();
    } catch (const c10::Error &) {
        return false;  // oneDNN has no such product for this processor
    }
    for (int64_t row = 0; row < kRows; ++row)
        for (int64_t column = 0; column < kColumns; ++column) {
            float sum = 0;
            for (int64_t i = 0; i < kDepth; ++i)
                sum += widen(a[static_cast<size_t>(row * kDepth + i)]) * widen(b[static_cast<size_t>(i * kColumns + column)]);
            if (c[static_cast<size_t>(row * kColumns + column)] != 2 * sum) return false;
        }
    return true;
}

bool has_products() {
#if defined(__x86_64__)
    static const bool has = __builtin_cpu_supports("avx512bf16") && are_products_right();
    return has;
#else
    return false;
#endif
}

}  // namespace

bool fits_tiles(const at::Tensor &q, const AssayAttention &settings) {
    return q.is_cpu() && q.scalar_type() == at::kBFloat16 && settings.soft_cap == 0 && settings.head_width % 16 == 0 &&
           settings.heads / settings.kv_heads <= kColumns && has_products();
}

void attend_tiles(
    const at::Tensor &q, const SourceRows *sources, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, at::Tensor &out, at::Tensor &log_sums) {
    const Work work{segments, ranges, settings};
    const int64_t width = work.width(), members = work.members();
    const float scale = static_cast<float>(settings.scale);
    const HeadRows queries(q);
    HeadRows keys[2], values[2];
    for (int64_t i = 0; i < 2; ++i)
        if (sources[i].keys->defined()) keys[i] = HeadRows(*sources[i].keys), values[i] = HeadRows(*sources[i].values);
    uint16_t *result = static_cast<uint16_t *>(out.data_ptr());
    float *log_sum = log_sums.defined() ? log_sums.data_ptr<float>() : nullptr;
    const std::vector<Part> parts = work.parts(count);
    each_part(parts, 0, parts.size(), [&](size_t index, Scratch &scratch) {
        const Part &part = parts[index];
        const int64_t filled = part.filled_keys();
        work.gather(part, keys, scratch.keys);
        work.gather(part, values, scratch.values);
        transpose(scratch.values.data(), filled, width, sized(scratch.turned, width * filled));
        for (int64_t start = 0; start < part.rows; start += work.rows_of_tile()) {
            const Tile tile(part, start, work);
            float *scores = sized(scratch.scores, tile.keys() * kColumns), *sums = sized(scratch.sums, width * kColumns);
            uint32_t *weights = sized(scratch.weight_pairs, tile.keys() / 2 * kColumns);
            tile.load(queries, part, work, scratch.queries);
            pair_across(scratch.queries.data(), kColumns, width, sized(scratch.query_pairs, width / 2 * kColumns));
            multiply_by_columns(tile, scratch.keys.data(), width, scratch.query_pairs.data(), scores);
            tile.mask(work, scores);
            column_softmax(scores, tile.keys(), scale, weights, scratch.top, scratch.sum);
            sum_over_keys(tile, scratch.turned.data(), filled, width, weights, sums);
            if (log_sum != nullptr)
                for (int64_t i = 0; i < tile.rows * members; ++i)
                    log_sum[tile.place(i, part, work)] = scratch.top[i] + std::log(scratch.sum[i]);
            for (float &sum : scratch.sum) sum = 1.0f / sum;
            uint16_t *columns = sized(scratch.result, kColumns * width);
            turn_back(sums, scratch.sum, width, sized(scratch.narrowed, kColumns * width), columns);
            tile.store(columns, part, work, result);
        }
    });
}

void attend_tiles_backward(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, const at::Tensor &out, const at::Tensor &log_sums,
    const at::Tensor &slope, at::Tensor &to_q, at::Tensor &to_k, at::Tensor &to_v) {
    const Work work{segments, ranges, settings};
    const int64_t width = work.width(), members = work.members(), kv_heads = settings.kv_heads;
    const float scale = static_cast<float>(settings.scale);
    const HeadRows queries(q), keys(k), values(v), results(out), slopes(slope);
    const float *log_sum = log_sums.const_data_ptr<float>();
    uint16_t *query_slopes = static_cast<uint16_t *>(to_q.data_ptr());
    at::Tensor key_sums = at::zeros(k.sizes(), k.options().dtype(at::kFloat)), value_sums = at::zeros_like(key_sums);
    const std::vector<Part> parts = work.parts(count);
    std::vector<float> waiting;
    std::vector<int64_t> offsets(parts.size());

    const auto walk_back = [&](size_t index, Scratch &scratch) {
        const Part &part = parts[index];
        const int64_t filled = part.filled_keys();
        float *to_keys = waiting.data() + offsets[index], *to_values = to_keys + filled * width;
        work.gather(part, &keys, scratch.keys);
        work.gather(part, &values, scratch.values);
        transpose(scratch.keys.data(), filled, width, sized(scratch.turned, width * filled));
        for (int64_t start = 0; start < part.rows; start += work.rows_of_tile()) {
            const Tile tile(part, start, work);
            const int64_t area = tile.keys() * kColumns;
            float *scores = sized(scratch.scores, area), *weight_slopes = sized(scratch.weight_slopes, area);
            tile.load(queries, part, work, scratch.queries);
            tile.load(slopes, part, work, scratch.slopes);
            tile.load(results, part, work, scratch.result);
            float *mean_slope = scratch.top, *log_sums_here = scratch.sum;
            row_products(scratch.slopes.data(), scratch.result.data(), width, mean_slope);
            std::fill(log_sums_here, log_sums_here + kColumns, -kHidden);  // columns beyond the rows weigh nothing
            for (int64_t i = 0; i < tile.rows * members; ++i) log_sums_here[i] = log_sum[tile.place(i, part, work)];
            const int64_t pairs = width / 2 * kColumns;
            pair_across(scratch.queries.data(), kColumns, width, sized(scratch.query_pairs, pairs));
            pair_across(scratch.slopes.data(), kColumns, width, sized(scratch.slope_pairs, pairs));
            pair_down(scratch.queries.data(), kColumns, width, sized(scratch.query_rows, pairs));
            pair_down(scratch.slopes.data(), kColumns, width, sized(scratch.slope_rows, pairs));
            multiply_by_columns(tile, scratch.keys.data(), width, scratch.query_pairs.data(), scores);
            multiply_by_columns(tile, scratch.values.data(), width, scratch.slope_pairs.data(), weight_slopes);
            tile.mask(work, scores);
            column_slopes(
                scores, weight_slopes, tile.keys(), scale, log_sums_here, mean_slope, sized(scratch.weights, area),
                sized(scratch.score_slopes, area), sized(scratch.weight_pairs, area / 2));
            add_over_columns(tile, scratch.weights.data(), scratch.slope_rows.data(), width, to_values);
            add_over_columns(tile, scratch.score_slopes.data(), scratch.query_rows.data(), width, to_keys);
            float *sums = sized(scratch.sums, width * kColumns);
            sum_over_keys(tile, scratch.turned.data(), filled, width, scratch.weight_pairs.data(), sums);
            std::fill(scratch.top, scratch.top + kColumns, 1.0f);
            uint16_t *columns = sized(scratch.result, kColumns * width);
            turn_back(sums, scratch.top, width, sized(scratch.narrowed, kColumns * width), columns);
            tile.store(columns, part, work, query_slopes);
        }
    };

    // Parts that share keys each have sums of their own, which are added in the parts' order; so many parts at a time as fit.
    for (size_t begin = 0, end = 0; begin < parts.size(); begin = end) {
        int64_t size = 0;
        for (; end < parts.size(); ++end) {
            const int64_t own = 2 * parts[end].filled_keys() * width;
            if (end > begin && (size + own) * static_cast<int64_t>(sizeof(float)) > kWaveBytes) break;
            offsets[end] = size;
            size += own;
        }
        waiting.assign(static_cast<size_t>(size), 0.0f);
        each_part(parts, begin, end, walk_back);
        float *sums[2] = {key_sums.data_ptr<float>(), value_sums.data_ptr<float>()};
        at::parallel_for(0, k.size(0), grain(kv_heads * width), [&](int64_t first, int64_t past) {
            for (size_t i = begin; i < end; ++i)
                work.each_run(parts[i], [&](int64_t, int64_t row, int64_t position, int64_t length) {
                    const int64_t from = std::max(first, row), to = std::min(past, row + length);
                    for (int64_t at = from; at < to; ++at)
                        for (int64_t which = 0; which < 2; ++which)
                            add_rows(
                                waiting.data() + offsets[i] + (which * parts[i].filled_keys() + position + at - row) * width,
                                sums[which] + (at * kv_heads + parts[i].kv_head) * width, width);
                });
        });
    }
    to_k = key_sums.to(k.scalar_type());
    to_v = value_sums.to(v.scalar_type());
}

}  // namespace assay::kernels
