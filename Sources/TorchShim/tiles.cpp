// Attention in bfloat16 over tiles: 64 columns, each a query row of one head, against the keys of their path. Everything lies
// with keys down and queries across: a column's softmax runs over whole vectors, and what one product gives is laid out
// as the next one reads it. Products are libtorch's (oneDNN's batch-reduced kernel, which sums in float32); scores, softmax and
// sums of gradients stay in float32. Back, the weights are made again from each column's log Σ exp, as in FlashAttention-2 (Dao
// 2023, algorithm 2). What a column gets here depends on its own path alone, and nothing depends on the number of threads.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "Lanes.hpp"
#include "Shim.hpp"

namespace assay::kernels {
namespace {

constexpr int64_t kColumns = 64;          // of a tile; also what oneDNN reads at once of a packed matrix
constexpr int64_t kKeyStep = 32;          // keys are filled up to a multiple, which bounds the kernels that oneDNN makes
constexpr int64_t kChunk = 256;           // keys of one product, for the same reason
constexpr int64_t kPartRows = 256;        // query rows that one thread takes together
constexpr int64_t kWaveBytes = 64 << 20;  // of slopes that wait to be added up, for each thread
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

/// x [rows, width] -> chunks of at most kChunk rows, each [width, kChunk]. A product's stride is then the same for every length, so that
/// oneDNN has one kernel for it.
ASSAY_CLONES void turn(const uint16_t *x, int64_t rows, int64_t width, uint16_t *out) {
    for (int64_t start = 0; start < rows; start += kKeyStep) {
        uint16_t *chunk = out + start / kChunk * kChunk * width + start % kChunk;
        for (int64_t i = 0; i < width; ++i)
            for (int64_t row = 0; row < kKeyStep; ++row) chunk[i * kChunk + row] = x[(start + row) * width + i];
    }
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
    int64_t row, rows;       // among the queries
    int64_t first_position;  // of `row` on its path
    int64_t first_key;       // that any of its rows sees, or one before, where a chunk begins

    int64_t end_key() const { return first_position + rows; }
    int64_t filled_keys() const { return rounded_up(end_key() - first_key, kKeyStep); }
};

struct Work {
    const AssaySegment *segments;
    const AssayRowRange *ranges;
    AssayAttention settings;

    int64_t width() const { return settings.head_width; }
    int64_t members() const { return settings.heads / settings.kv_heads; }
    int64_t rows_of_tile() const { return kColumns / members(); }

    /// The first key that a row sees.
    int64_t first_key(int64_t position) const {
        return settings.window > 0 ? std::max<int64_t>(0, position - settings.window + 1) : 0;
    }

    std::vector<Part> parts(int64_t count) const {
        std::vector<Part> result;
        const int64_t step = kPartRows / rows_of_tile() * rows_of_tile();
        for (int64_t i = 0; i < count; ++i) {
            int64_t keys = 0;
            for (int64_t j = segments[i].keys_begin; j < segments[i].keys_end; ++j) keys += ranges[j].length;
            if (keys < segments[i].length) throw BadArgument("a segment sees fewer keys than it has rows");
            for (int64_t start = 0; start < segments[i].length; start += step) {
                const int64_t rows = std::min(step, segments[i].length - start);
                const int64_t position = keys - segments[i].length + start;
                for (int64_t head = 0; head < settings.kv_heads; ++head)
                    result.push_back(
                        {i, head, segments[i].start + start, rows, position, first_key(position) / kChunk * kChunk});
            }
        }
        return result;
    }

    /// Calls visit(source, row there, place, count) for the runs of keys that a part reads; places count from its first key.
    template <typename Visit>
    void each_run(const Part &part, Visit visit) const {
        const AssaySegment &segment = segments[part.segment];
        int64_t position = 0;
        for (int64_t i = segment.keys_begin; i < segment.keys_end && position < part.end_key(); ++i) {
            const int64_t end = std::min(position + ranges[i].length, part.end_key());
            const int64_t start = std::max(position, part.first_key);
            if (start < end) visit(ranges[i].source, ranges[i].start + start - position, start - part.first_key, end - start);
            position = end;
        }
    }

    /// One key head's rows along a part's path, zeros after them. [filled keys, width]
    void gather(const Part &part, const HeadRows *sources, std::vector<uint16_t> &out) const {
        out.assign(static_cast<size_t>(part.filled_keys() * width()), 0);
        each_run(part, [&](int64_t source, int64_t row, int64_t place, int64_t count) {
            const HeadRows &rows = sources[source];
            for (int64_t i = 0; i < count; ++i)
                std::copy_n(
                    rows.data + (row + i) * rows.stride + part.kv_head * width(), width(), out.data() + (place + i) * width());
        });
    }
};

/// A part's query rows that make one tile, and the keys that they see: from `begin` up to `end`, multiples of kKeyStep that count
/// from the part's first key.
struct Tile {
    const Work &work;
    const Part &part;
    int64_t row, rows, position, begin, end;

    Tile(const Work &work, const Part &part, int64_t start)
        : work(work), part(part), row(part.row + start), rows(std::min(work.rows_of_tile(), part.rows - start)),
          position(part.first_position + start - part.first_key),
          begin((work.first_key(part.first_position + start) - part.first_key) / kKeyStep * kKeyStep),
          end(rounded_up(position + rows, kKeyStep)) {}

    int64_t keys() const { return end - begin; }
    int64_t area() const { return keys() * kColumns; }
    int64_t columns() const { return rows * work.members(); }

    /// The place of a column in [rows, heads].
    int64_t place(int64_t column) const {
        const int64_t members = work.members();
        return (row + column / members) * work.settings.heads + part.kv_head * members + column % members;
    }

    /// Calls visit(first, count) for the keys chunk by chunk; chunks begin at the same keys for every tile.
    template <typename Visit>
    void each_chunk(Visit visit) const {
        for (int64_t key = begin, next; key < end; key = next) {
            next = std::min(end, (key / kChunk + 1) * kChunk);
            visit(key, next - key);
        }
    }

    /// The rows of one key head's queries, or of what stands where they stand. [kColumns, width], zeros after them.
    void load(const HeadRows &from, std::vector<uint16_t> &out) const {
        const int64_t run = work.members() * work.width();
        out.assign(static_cast<size_t>(kColumns * work.width()), 0);
        for (int64_t i = 0; i < rows; ++i)
            std::copy_n(from.data + (row + i) * from.stride + part.kv_head * run, run, out.data() + i * run);
    }

    /// Puts what the columns gave where the rows of one key head's queries stand in [rows, heads, width].
    void store(const uint16_t *columns, uint16_t *out) const {
        const int64_t run = work.members() * work.width();
        for (int64_t i = 0; i < rows; ++i)
            std::copy_n(columns + i * run, run, out + ((row + i) * work.settings.kv_heads + part.kv_head) * run);
    }

    /// Hides the keys that come after a column's row or before its window.
    void mask(float *scores) const {
        const int64_t window = work.settings.window;
        const auto hide = [&](int64_t key) {
            float *line = scores + (key - begin) * kColumns;
            for (int64_t i = 0; i < kColumns; ++i) {
                const int64_t own = position + std::min(i / work.members(), rows - 1);
                if (key > own || (window > 0 && key <= own - window)) line[i] = kHidden;
            }
        };
        if (window > 0)
            for (int64_t key = begin; key <= std::min(position + rows - 1 - window, end - 1); ++key) hide(key);
        for (int64_t key = std::max(begin, position + 1); key < end; ++key) hide(key);
    }
};

template <typename Element>
Element *sized(std::vector<Element> &buffer, int64_t count) {
    if (buffer.size() < static_cast<size_t>(count)) buffer.resize(static_cast<size_t>(count));
    return buffer.data();
}

/// What one thread works with, and the products that both directions have.
struct Scratch {
    std::vector<uint16_t> keys, values, turned, queries, slopes, result, weights, score_slopes, narrowed;
    std::vector<uint32_t> query_pairs, slope_pairs, weight_pairs, query_rows, slope_rows;
    std::vector<float> scores, weight_slopes, sums;
    float top[kColumns], sum[kColumns], factors[kColumns], log_sum[kColumns], mean_slope[kColumns];

    void turn_rows(const std::vector<uint16_t> &rows, int64_t width) {
        const int64_t count = static_cast<int64_t>(rows.size()) / width;
        turn(rows.data(), count, width, sized(turned, rounded_up(count, kChunk) * width));
    }

    /// rows [keys, width] times columns -> [keys of the tile, kColumns]
    static float *times_columns(
        const Tile &tile, const std::vector<uint16_t> &rows, const std::vector<uint32_t> &columns, std::vector<float> &out) {
        const int64_t width = tile.work.width();
        float *to = sized(out, tile.area());
        tile.each_chunk([&](int64_t key, int64_t count) {
            multiply(
                count, kColumns, width, rows.data() + key * width, width, columns.data(), to + (key - tile.begin) * kColumns,
                kColumns, false);
        });
        return to;
    }

    /// What was turned times the pairs of keys -> the sums [width, kColumns]
    void sum_over_keys(const Tile &tile) {
        const int64_t width = tile.work.width();
        float *to = sized(sums, width * kColumns);
        tile.each_chunk([&](int64_t key, int64_t count) {
            multiply(
                width, kColumns, count, turned.data() + key / kChunk * kChunk * width + key % kChunk, kChunk,
                weight_pairs.data() + (key - tile.begin) / 2 * kColumns, to, kColumns, key > tile.begin);
        });
    }

    /// weights [keys of the tile, kColumns] times rows [kColumns, width] as blocks of pairs; adds to out [keys, width].
    static void add_over_columns(
        const Tile &tile, const std::vector<uint16_t> &weights, const std::vector<uint32_t> &rows, float *out) {
        const int64_t width = tile.work.width();
        for (int64_t block = 0; block < width; block += kColumns)
            tile.each_chunk([&](int64_t key, int64_t count) {
                multiply(
                    count, std::min(kColumns, width - block), kColumns, weights.data() + (key - tile.begin) * kColumns,
                    kColumns, rows.data() + block * kColumns / 2, out + key * width + block, width, true);
            });
    }

    /// The sums times the factors, where the tile's queries stand.
    void give(const Tile &tile, uint16_t *out) {
        const int64_t width = tile.work.width();
        uint16_t *columns = sized(result, kColumns * width);
        turn_back(sums.data(), factors, width, sized(narrowed, kColumns * width), columns);
        tile.store(columns, out);
    }
};

/// Gives back what oneDNN set up on a thread for its products.
struct ProductScope {
    ~ProductScope() { at::native::cpublas::brgemm_release(); }
};

/// Runs `body(i, scratch)` for every part, the costly ones first, on all threads.
template <typename Body>
void each_part(const std::vector<Part> &parts, size_t begin, size_t end, Body body) {
    std::vector<size_t> order(end - begin);
    std::iota(order.begin(), order.end(), begin);
    const auto cost = [&](size_t i) { return parts[i].rows * parts[i].filled_keys(); };
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return cost(a) > cost(b); });
    std::atomic<size_t> next{0};
    at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) {
        const ProductScope scope;
        Scratch scratch;
        for (size_t i = next++; i < order.size(); i = next++) body(order[i], scratch);
    });
}

/// From queries, keys and values to the result and log Σ exp.
struct Forward {
    Work work;
    HeadRows queries, keys[2], values[2];
    uint16_t *result;
    float *log_sums;  // null: not wanted

    void part(const Part &part, Scratch &scratch) const {
        work.gather(part, keys, scratch.keys);
        work.gather(part, values, scratch.values);
        scratch.turn_rows(scratch.values, work.width());
        for (int64_t start = 0; start < part.rows; start += work.rows_of_tile()) tile(Tile(work, part, start), scratch);
    }

    void tile(const Tile &tile, Scratch &scratch) const {
        tile.load(queries, scratch.queries);
        pair_across(scratch.queries.data(), kColumns, work.width(), sized(scratch.query_pairs, work.width() / 2 * kColumns));
        float *scores = Scratch::times_columns(tile, scratch.keys, scratch.query_pairs, scratch.scores);
        tile.mask(scores);
        column_softmax(
            scores, tile.keys(), static_cast<float>(work.settings.scale), sized(scratch.weight_pairs, tile.area() / 2),
            scratch.top, scratch.sum);
        scratch.sum_over_keys(tile);
        for (int64_t i = 0; i < kColumns; ++i) scratch.factors[i] = 1.0f / scratch.sum[i];
        scratch.give(tile, result);
        if (log_sums == nullptr) return;
        for (int64_t i = 0; i < tile.columns(); ++i) log_sums[tile.place(i)] = scratch.top[i] + std::log(scratch.sum[i]);
    }
};

/// From the result's slopes to those of queries, and of a part's keys and values.
struct Backward {
    Work work;
    HeadRows queries, keys, values, results, slopes;
    const float *log_sums;
    uint16_t *to_queries;

    /// Adds the slopes of the part's keys and then those of its values to `sums` [2, filled keys, width].
    void part(const Part &part, float *sums, Scratch &scratch) const {
        work.gather(part, &keys, scratch.keys);
        work.gather(part, &values, scratch.values);
        scratch.turn_rows(scratch.keys, work.width());
        for (int64_t start = 0; start < part.rows; start += work.rows_of_tile())
            tile(Tile(work, part, start), sums, sums + part.filled_keys() * work.width(), scratch);
    }

    void tile(const Tile &tile, float *to_keys, float *to_values, Scratch &scratch) const {
        load(tile, scratch);
        float *scores = Scratch::times_columns(tile, scratch.keys, scratch.query_pairs, scratch.scores);
        const float *weight_slopes =
            Scratch::times_columns(tile, scratch.values, scratch.slope_pairs, scratch.weight_slopes);
        tile.mask(scores);
        column_slopes(
            scores, weight_slopes, tile.keys(), static_cast<float>(work.settings.scale), scratch.log_sum,
            scratch.mean_slope, sized(scratch.weights, tile.area()), sized(scratch.score_slopes, tile.area()),
            sized(scratch.weight_pairs, tile.area() / 2));
        Scratch::add_over_columns(tile, scratch.weights, scratch.slope_rows, to_values);
        Scratch::add_over_columns(tile, scratch.score_slopes, scratch.query_rows, to_keys);
        scratch.sum_over_keys(tile);
        std::fill(scratch.factors, scratch.factors + kColumns, 1.0f);
        scratch.give(tile, to_queries);
    }

    void load(const Tile &tile, Scratch &scratch) const {
        const int64_t width = work.width(), pairs = width / 2 * kColumns;
        tile.load(queries, scratch.queries);
        tile.load(slopes, scratch.slopes);
        tile.load(results, scratch.result);
        row_products(scratch.slopes.data(), scratch.result.data(), width, scratch.mean_slope);
        // Columns beyond the rows weigh nothing.
        std::fill(scratch.log_sum, scratch.log_sum + kColumns, std::numeric_limits<float>::infinity());
        for (int64_t i = 0; i < tile.columns(); ++i) scratch.log_sum[i] = log_sums[tile.place(i)];
        pair_across(scratch.queries.data(), kColumns, width, sized(scratch.query_pairs, pairs));
        pair_across(scratch.slopes.data(), kColumns, width, sized(scratch.slope_pairs, pairs));
        pair_down(scratch.queries.data(), kColumns, width, sized(scratch.query_rows, pairs));
        pair_down(scratch.slopes.data(), kColumns, width, sized(scratch.slope_rows, pairs));
    }
};

/// Slopes of keys and values by part, until they are added up: parts that share keys each have sums of their own, which are added
/// in the parts' order.
struct Wave {
    std::unique_ptr<float[]> sums;
    std::vector<int64_t> offsets;
    size_t begin, end;

    /// As many of the parts from `begin` on as fit.
    Wave(const Work &work, const std::vector<Part> &parts, size_t begin) : begin(begin), end(begin) {
        const int64_t most = kWaveBytes / static_cast<int64_t>(sizeof(float)) * at::get_num_threads();
        int64_t size = 0;
        for (; end < parts.size(); ++end) {
            const int64_t own = 2 * parts[end].filled_keys() * work.width();
            if (end > begin && size + own > most) break;
            offsets.push_back(size);
            size += own;
        }
        sums = std::unique_ptr<float[]>(new float[static_cast<size_t>(size)]);
    }

    float *of(size_t part) const { return sums.get() + offsets[part - begin]; }

    void add(const Work &work, const std::vector<Part> &parts, at::Tensor &keys, at::Tensor &values) const {
        const int64_t width = work.width(), kv_heads = work.settings.kv_heads;
        float *totals[2] = {keys.data_ptr<float>(), values.data_ptr<float>()};
        at::parallel_for(0, keys.size(0), grain(kv_heads * width), [&](int64_t first, int64_t past) {
            for (size_t i = begin; i < end; ++i)
                work.each_run(parts[i], [&](int64_t, int64_t row, int64_t place, int64_t count) {
                    const int64_t from = std::max(first, row), to = std::min(past, row + count);
                    for (int64_t which = 0; which < 2; ++which)
                        for (int64_t key = from; key < to; ++key)
                            add_rows(
                                of(i) + (which * parts[i].filled_keys() + place + key - row) * width,
                                totals[which] + (key * kv_heads + parts[i].kv_head) * width, width);
                });
        });
    }
};

/// Whether one product of whole numbers, which bfloat16 and float32 hold exactly, comes out right, and so does adding it again.
bool is_product_right(int64_t rows, int64_t columns, int64_t depth) {
    std::vector<uint16_t> a(static_cast<size_t>(rows * depth)), b(static_cast<size_t>(depth * columns));
    std::vector<uint32_t> pairs(b.size() / 2);
    std::vector<float> c(static_cast<size_t>(rows * columns));
    for (size_t i = 0; i < a.size(); ++i) a[i] = narrow(static_cast<float>(static_cast<int64_t>(i * 7 % 13) - 6));
    for (size_t i = 0; i < b.size(); ++i) b[i] = narrow(static_cast<float>(static_cast<int64_t>(i * 11 % 17) - 8));
    pair_down(b.data(), depth, columns, pairs.data());
    for (const bool adds : {false, true}) multiply(rows, columns, depth, a.data(), depth, pairs.data(), c.data(), columns, adds);
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column) {
            float sum = 0;
            for (int64_t i = 0; i < depth; ++i)
                sum += widen(a[static_cast<size_t>(row * depth + i)]) * widen(b[static_cast<size_t>(i * columns + column)]);
            if (c[static_cast<size_t>(row * columns + column)] != 2 * sum) return false;
        }
    return true;
}

bool are_products_right() {
    const ProductScope scope;
    try {
        for (const int64_t columns : {16, 32, 48, 64})
            for (const int64_t depth : {16, 64, 96, 256})
                if (!is_product_right(96, columns, depth)) return false;
        return true;
    } catch (const std::exception &) {
        return false;  // oneDNN has no such product for this processor
    }
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
    Forward forward{
        {segments, ranges, settings}, HeadRows(q), {}, {}, static_cast<uint16_t *>(out.data_ptr()),
        log_sums.defined() ? log_sums.data_ptr<float>() : nullptr};
    for (int64_t i = 0; i < 2; ++i) {
        if (!sources[i].keys->defined()) continue;
        forward.keys[i] = HeadRows(*sources[i].keys);
        forward.values[i] = HeadRows(*sources[i].values);
    }
    const std::vector<Part> parts = forward.work.parts(count);
    each_part(parts, 0, parts.size(), [&](size_t i, Scratch &scratch) { forward.part(parts[i], scratch); });
}

void attend_tiles_backward(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, const at::Tensor &out, const at::Tensor &log_sums,
    const at::Tensor &slope, at::Tensor &to_q, at::Tensor &to_k, at::Tensor &to_v) {
    const Backward backward{
        {segments, ranges, settings}, HeadRows(q), HeadRows(k), HeadRows(v), HeadRows(out), HeadRows(slope),
        log_sums.const_data_ptr<float>(), static_cast<uint16_t *>(to_q.data_ptr())};
    at::Tensor keys = at::zeros(k.sizes(), k.options().dtype(at::kFloat)), values = at::zeros_like(keys);
    const std::vector<Part> parts = backward.work.parts(count);
    for (size_t begin = 0; begin < parts.size();) {
        const Wave wave(backward.work, parts, begin);
        each_part(parts, begin, wave.end, [&](size_t i, Scratch &scratch) {
            std::fill_n(wave.of(i), 2 * parts[i].filled_keys() * settings.head_width, 0.0f);
            backward.part(parts[i], wave.of(i), scratch);
        });
        wave.add(backward.work, parts, keys, values);
        begin = wave.end;
    }
    to_k = keys.to(k.scalar_type());
    to_v = values.to(v.scalar_type());
}

}  // namespace assay::kernels
