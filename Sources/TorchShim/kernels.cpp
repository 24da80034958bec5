// Fused loops over rows. Each works in float32 whatever the rows hold, rounds once when it writes, and sums in a fixed
// order of 16 lanes, so a row's result depends on that row alone: not on its neighbours, the chunk or the thread count.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "Lanes.hpp"
#include "Shim.hpp"

namespace assay::kernels {
namespace {

ASSAY_CLONES void widen_row(const uint16_t *in, float *out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = widen(in[i]);
}

ASSAY_CLONES void narrow_row(const float *in, uint16_t *out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = narrow(in[i]);
}

ASSAY_CLONES float sum_of_squares(const float *row, int64_t count) {
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += row[i + lane] * row[i + lane];
    float total = sum_lanes(lanes);
    for (; i < count; ++i) total += row[i] * row[i];
    return total;
}

ASSAY_CLONES void scale_row(const float *row, const float *weight, float factor, float *out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = row[i] * factor * weight[i];
}

/// Columns i and i + pairs turn by the angle of column i (the half-split layout of Hugging Face's checkpoints).
ASSAY_CLONES void rotate_row(const float *in, const float *cosines, const float *sines, float *out, int64_t pairs) {
    for (int64_t i = 0; i < pairs; ++i) {
        out[i] = in[i] * cosines[i] - in[i + pairs] * sines[i];
        out[i + pairs] = in[i + pairs] * cosines[i] + in[i] * sines[i];
    }
}

ASSAY_CLONES float largest(const float *row, int64_t count) {
    float lanes[kLanes];
    std::fill(lanes, lanes + kLanes, -std::numeric_limits<float>::infinity());
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] = lanes[lane] > row[i + lane] ? lanes[lane] : row[i + lane];
    float top = *std::max_element(lanes, lanes + kLanes);
    for (; i < count; ++i) top = std::max(top, row[i]);
    return top;
}

ASSAY_CLONES float sum_of_exponentials(const float *row, float top, int64_t count) {
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += exp_nonpositive(row[i + lane] - top);
    float total = sum_lanes(lanes);
    for (; i < count; ++i) total += exp_nonpositive(row[i] - top);
    return total;
}

/// out = exp(row - top); returns the sum.
ASSAY_CLONES float exponentials(const float *row, float top, float *out, int64_t count) {
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) {
            out[i + lane] = exp_nonpositive(row[i + lane] - top);
            lanes[lane] += out[i + lane];
        }
    float total = sum_lanes(lanes);
    for (; i < count; ++i) total += out[i] = exp_nonpositive(row[i] - top);
    return total;
}

ASSAY_CLONES void multiply_row(const float *row, float factor, float *out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = row[i] * factor;
}

/// out[i] = q · keys[i] for rows of keys `stride` apart.
ASSAY_CLONES void dot_run(const float *q, const float *keys, int64_t stride, int64_t count, int64_t width, float *out) {
    for (int64_t key = 0; key < count; ++key) {
        const float *row = keys + key * stride;
        float lanes[kLanes] = {};
        int64_t i = 0;
        for (; i + kLanes <= width; i += kLanes)
            for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += q[i + lane] * row[i + lane];
        float total = sum_lanes(lanes);
        for (; i < width; ++i) total += q[i] * row[i];
        out[key] = total;
    }
}

/// out += Σ weights[i] · values[i] for rows of values `stride` apart.
ASSAY_CLONES void weigh_run(
    const float *weights, const float *values, int64_t stride, int64_t count, int64_t width, float *out) {
    for (int64_t key = 0; key < count; ++key) {
        const float *row = values + key * stride;
        const float weight = weights[key];
        for (int64_t i = 0; i < width; ++i) out[i] += weight * row[i];
    }
}

/// One row's log Σ exp in blocks that fit the nearest cache, merged as they come.
struct RunningLogSumExp {
    double top = -std::numeric_limits<double>::infinity();
    double sum = 0;

    void add(const float *block, int64_t count) {
        const float block_top = largest(block, count);
        if (block_top == -std::numeric_limits<float>::infinity()) return;
        const double block_sum = sum_of_exponentials(block, block_top, count);
        const double next = std::max(top, static_cast<double>(block_top));
        sum = sum * std::exp(top - next) + block_sum * std::exp(block_top - next);
        top = next;
    }
    double value() const { return top + std::log(sum); }
};

/// Rows of float32 or bfloat16, seen as floats.
struct Rows {
    const void *data;
    bool is_float;

    explicit Rows(const at::Tensor &x) : data(x.data_ptr()), is_float(x.scalar_type() == at::kFloat) {}

    const float *at(int64_t offset, int64_t count, float *scratch) const {
        if (is_float) return static_cast<const float *>(data) + offset;
        widen_row(static_cast<const uint16_t *>(data) + offset, scratch, count);
        return scratch;
    }
};

/// Writes a row of floats as what the tensor holds.
struct RowWriter {
    void *data;
    bool is_float;

    explicit RowWriter(at::Tensor &x) : data(x.data_ptr()), is_float(x.scalar_type() == at::kFloat) {}

    float *at(int64_t offset, float *scratch) const { return is_float ? static_cast<float *>(data) + offset : scratch; }
    void finish(int64_t offset, int64_t count, const float *scratch) const {
        if (!is_float) narrow_row(scratch, static_cast<uint16_t *>(data) + offset, count);
    }
};

}  // namespace

void rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon, double shift, at::Tensor &out) {
    const int64_t width = x.size(-1), rows = x.numel() / std::max<int64_t>(width, 1);
    const at::Tensor gains = (weight.to(at::kFloat) + shift).contiguous();
    const float *gain = gains.const_data_ptr<float>();
    const Rows input(x);
    const RowWriter output(out);
    at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(2 * static_cast<size_t>(width));
        for (int64_t row = begin; row < end; ++row) {
            const float *values = input.at(row * width, width, scratch.data());
            const double mean = sum_of_squares(values, width) / static_cast<double>(width);
            float *target = output.at(row * width, scratch.data() + width);
            scale_row(values, gain, static_cast<float>(1.0 / std::sqrt(mean + epsilon)), target, width);
            output.finish(row * width, width, target);
        }
    });
}

void rotate(
    const at::Tensor &x, const float *cosines, const float *sines, int64_t pairs, const int64_t *positions,
    at::Tensor &out) {
    const int64_t rows = x.size(0), heads = x.size(1), width = x.size(2), stride = x.stride(0);
    const Rows input(x);
    const RowWriter output(out);
    at::parallel_for(0, rows, grain(heads * width), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(2 * static_cast<size_t>(width));
        for (int64_t row = begin; row < end; ++row) {
            const int64_t angle = positions[row] * pairs;
            for (int64_t head = 0; head < heads; ++head) {
                const float *values = input.at(row * stride + head * width, width, scratch.data());
                const int64_t offset = (row * heads + head) * width;
                float *target = output.at(offset, scratch.data() + width);
                rotate_row(values, cosines + angle, sines + angle, target, pairs);
                std::copy(values + 2 * pairs, values + width, target + 2 * pairs);
                output.finish(offset, width, target);
            }
        }
    });
}

void causal_softmax(const at::Tensor &scores, const CausalRows &rows, at::Tensor &out) {
    const int64_t keys = scores.size(-1), count = scores.numel() / std::max<int64_t>(keys, 1);
    const float *input = scores.const_data_ptr<float>();
    const RowWriter output(out);
    at::parallel_for(0, count, grain(keys), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(2 * static_cast<size_t>(keys));
        for (int64_t row = begin; row < end; ++row) {
            const int64_t last = rows.first_position + row % rows.rows_per_head - rows.first_key;
            const int64_t first = rows.window > 0 ? std::max<int64_t>(0, last - rows.window + 1) : 0;
            const int64_t seen = last + 1 - first;
            float *shaped = scratch.data();
            multiply_row(input + row * keys + first, static_cast<float>(rows.scale), shaped, seen);
            if (rows.soft_cap > 0)
                for (int64_t i = 0; i < seen; ++i)
                    shaped[i] = static_cast<float>(rows.soft_cap * std::tanh(shaped[i] / rows.soft_cap));
            float *target = output.at(row * keys, scratch.data() + keys);
            std::fill(target, target + first, 0.0f);
            const float sum = exponentials(shaped, largest(shaped, seen), target + first, seen);
            multiply_row(target + first, 1.0f / sum, target + first, seen);
            std::fill(target + last + 1, target + keys, 0.0f);
            output.finish(row * keys, keys, target);
        }
    });
}

namespace {

/// The keys or values of one row's path, range by range, as floats.
struct PathRows {
    const SourceRows *sources;
    const AssayRowRange *ranges;
    int64_t range_count, width, kv_heads;

    /// Calls `visit(rows, stride, first position, count)` for the part of each range that lies from `first` on, head `head`.
    template <typename Visit>
    void each(int64_t head, int64_t first, std::vector<float> &scratch, bool values, Visit visit) const {
        int64_t position = 0;
        for (int64_t i = 0; i < range_count; ++i) {
            const int64_t skip = std::clamp<int64_t>(first - position, 0, ranges[i].length);
            const int64_t count = ranges[i].length - skip, start = ranges[i].start + skip;
            const SourceRows &source = sources[ranges[i].source];
            const at::Tensor &rows = values ? *source.values : *source.keys;
            const int64_t stride = rows.stride(0), offset = start * stride + head * width;
            if (count > 0) {
                if (rows.scalar_type() == at::kFloat) {
                    visit(rows.const_data_ptr<float>() + offset, stride, position + skip, count);
                } else {
                    scratch.resize(static_cast<size_t>(count * width));
                    const uint16_t *data = static_cast<const uint16_t *>(rows.const_data_ptr()) + offset;
                    for (int64_t row = 0; row < count; ++row) widen_row(data + row * stride, scratch.data() + row * width, width);
                    visit(scratch.data(), width, position + skip, count);
                }
            }
            position += ranges[i].length;
        }
    }
};

}  // namespace

void attend_rows(
    const at::Tensor &q, const SourceRows *sources, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, at::Tensor &out) {
    const int64_t width = settings.head_width, group = settings.heads / settings.kv_heads;
    const Rows queries(q);
    const RowWriter output(out);
    at::parallel_for(0, count * settings.kv_heads, 4, [&](int64_t begin, int64_t end) {
        std::vector<float> query(static_cast<size_t>(width)), wide, scores, result(static_cast<size_t>(width));
        for (int64_t item = begin; item < end; ++item) {
            const AssaySegment &segment = segments[item / settings.kv_heads];
            const int64_t kv_head = item % settings.kv_heads;
            const PathRows path{
                sources, ranges + segment.keys_begin, segment.keys_end - segment.keys_begin, width, settings.kv_heads};
            int64_t keys = 0;
            for (int64_t i = segment.keys_begin; i < segment.keys_end; ++i) keys += ranges[i].length;
            const int64_t first = settings.window > 0 ? std::max<int64_t>(0, keys - settings.window) : 0;
            scores.resize(static_cast<size_t>(group * keys));
            std::vector<const float *> rows(static_cast<size_t>(group));
            std::vector<float> own(static_cast<size_t>(group * width));
            for (int64_t member = 0; member < group; ++member) {
                const int64_t head = kv_head * group + member;
                const float *from = queries.at(segment.start * q.stride(0) + head * q.stride(1), width, query.data());
                multiply_row(from, static_cast<float>(settings.scale), own.data() + member * width, width);
            }
            path.each(kv_head, first, wide, false, [&](const float *k, int64_t stride, int64_t position, int64_t n) {
                for (int64_t member = 0; member < group; ++member)
                    dot_run(own.data() + member * width, k, stride, n, width, scores.data() + member * keys + position);
            });
            for (int64_t member = 0; member < group; ++member) {
                float *row = scores.data() + member * keys + first;
                if (settings.soft_cap > 0)
                    for (int64_t i = 0; i < keys - first; ++i)
                        row[i] = static_cast<float>(settings.soft_cap * std::tanh(row[i] / settings.soft_cap));
                const float sum = exponentials(row, largest(row, keys - first), row, keys - first);
                multiply_row(row, 1.0f / sum, row, keys - first);
            }
            std::vector<float> sums(static_cast<size_t>(group * width));
            path.each(kv_head, first, wide, true, [&](const float *v, int64_t stride, int64_t position, int64_t n) {
                for (int64_t member = 0; member < group; ++member)
                    weigh_run(scores.data() + member * keys + position, v, stride, n, width, sums.data() + member * width);
            });
            for (int64_t member = 0; member < group; ++member) {
                const int64_t offset = (segment.start * settings.heads + kv_head * group + member) * width;
                float *target = output.at(offset, result.data());
                std::copy_n(sums.data() + member * width, width, target);
                output.finish(offset, width, target);
            }
        }
    });
}

double LogitReading::operator()(double logit) const {
    return (soft_cap > 0 ? soft_cap * std::tanh(logit / soft_cap) : logit) / temperature;
}

void log_sum_exp(const at::Tensor &logits, LogitReading reading, double *out) {
    const int64_t rows = logits.size(0), vocabulary = logits.size(1);
    constexpr int64_t kBlock = 4096;
    const Rows input(logits);
    at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
        float scratch[kBlock];
        for (int64_t row = begin; row < end; ++row) {
            RunningLogSumExp total;
            for (int64_t start = 0; start < vocabulary; start += kBlock) {
                const int64_t count = std::min(kBlock, vocabulary - start);
                const float *block = input.at(row * vocabulary + start, count, scratch);
                if (!reading.is_plain()) {
                    std::transform(block, block + count, scratch, [&](float z) { return static_cast<float>(reading(z)); });
                    block = scratch;
                }
                total.add(block, count);
            }
            out[row] = total.value();
        }
    });
}

void pick(
    const at::Tensor &logits, LogitReading reading, int64_t first_row, const int64_t *rows, const int64_t *columns,
    int64_t count, double *out) {
    const Rows input(logits);
    float scratch;
    for (int64_t i = 0; i < count; ++i)
        out[i] = reading(*input.at((rows[i] - first_row) * logits.size(1) + columns[i], 1, &scratch));
}

namespace {

/// σ(x) without overflow.
inline float sigmoid(float x) {
    const float e = exp_nonpositive(x < 0 ? x : -x);
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}

ASSAY_CLONES void swiglu_row(const float *gate, const float *up, float *out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = gate[i] * sigmoid(gate[i]) * up[i];
}

ASSAY_CLONES void swiglu_slopes(
    const float *gate, const float *up, const float *slope, float *to_gate, float *to_up, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        const float s = sigmoid(gate[i]);
        to_up[i] = slope[i] * gate[i] * s;
        to_gate[i] = slope[i] * up[i] * s * (1.0f + gate[i] * (1.0f - s));
    }
}

ASSAY_CLONES float product_sum(const float *a, const float *b, const float *c, int64_t count) {
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane] * c[i + lane];
    float total = sum_lanes(lanes);
    for (; i < count; ++i) total += a[i] * b[i] * c[i];
    return total;
}

/// out = r·(gain·slope − x·k); gains += slope·x·r
ASSAY_CLONES void rms_slopes(
    const float *x, const float *gain, const float *slope, float r, float k, float *out, float *gains, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        out[i] = r * (gain[i] * slope[i] - x[i] * k);
        gains[i] += slope[i] * x[i] * r;
    }
}

}  // namespace

void swiglu(const at::Tensor &gate, const at::Tensor &up, at::Tensor &out) {
    const int64_t width = gate.size(-1), rows = gate.numel() / std::max<int64_t>(width, 1);
    const Rows gates(gate), ups(up);
    const RowWriter output(out);
    at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(3 * static_cast<size_t>(width));
        for (int64_t row = begin; row < end; ++row) {
            float *target = output.at(row * width, scratch.data() + 2 * width);
            swiglu_row(
                gates.at(row * width, width, scratch.data()), ups.at(row * width, width, scratch.data() + width), target, width);
            output.finish(row * width, width, target);
        }
    });
}

void swiglu_backward(
    const at::Tensor &gate, const at::Tensor &up, const at::Tensor &slope, at::Tensor &to_gate, at::Tensor &to_up) {
    const int64_t width = gate.size(-1), rows = gate.numel() / std::max<int64_t>(width, 1);
    const Rows gates(gate), ups(up), slopes(slope);
    const RowWriter gate_output(to_gate), up_output(to_up);
    at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(5 * static_cast<size_t>(width));
        for (int64_t row = begin; row < end; ++row) {
            const int64_t at = row * width;
            float *gate_target = gate_output.at(at, scratch.data() + 3 * width);
            float *up_target = up_output.at(at, scratch.data() + 4 * width);
            swiglu_slopes(
                gates.at(at, width, scratch.data()), ups.at(at, width, scratch.data() + width),
                slopes.at(at, width, scratch.data() + 2 * width), gate_target, up_target, width);
            gate_output.finish(at, width, gate_target);
            up_output.finish(at, width, up_target);
        }
    });
}

void rms_norm_backward(
    const at::Tensor &x, const at::Tensor &gains, double epsilon, const at::Tensor &slope, at::Tensor &to_x,
    at::Tensor &to_gains) {
    // Chunks of rows have sums of their own, added in order: the result does not depend on the thread count.
    constexpr int64_t kChunk = 64;
    const int64_t width = x.size(-1), rows = x.numel() / std::max<int64_t>(width, 1), chunks = (rows + kChunk - 1) / kChunk;
    at::Tensor partial = at::zeros({chunks, width}, gains.options());
    const float *gain = gains.const_data_ptr<float>();
    float *sums = partial.data_ptr<float>();
    const Rows input(x), slopes(slope);
    const RowWriter output(to_x);
    at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(3 * static_cast<size_t>(width));
        for (int64_t row = begin * kChunk; row < std::min(end * kChunk, rows); ++row) {
            const int64_t at = row * width;
            const float *values = input.at(at, width, scratch.data());
            const float *own = slopes.at(at, width, scratch.data() + width);
            float *target = output.at(at, scratch.data() + 2 * width);
            const double mean = sum_of_squares(values, width) / static_cast<double>(width);
            const float r = static_cast<float>(1.0 / std::sqrt(mean + epsilon));
            const float k = r * r * product_sum(gain, own, values, width) / static_cast<float>(width);
            rms_slopes(values, gain, own, r, k, target, sums + (row / kChunk) * width, width);
            output.finish(at, width, target);
        }
    });
    to_gains = partial.sum(0);
}

}  // namespace assay::kernels
