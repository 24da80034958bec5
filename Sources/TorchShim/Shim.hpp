#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "CTorch.h"

/// What a handle points to. Handles are counted so that tests can show that none is left over.
struct AssayTensor {
    at::Tensor value;

    explicit AssayTensor(at::Tensor tensor) : value(std::move(tensor)) { ++live; }
    ~AssayTensor() { --live; }
    AssayTensor(const AssayTensor &) = delete;
    AssayTensor &operator=(const AssayTensor &) = delete;

    static std::atomic<int64_t> live;
};

namespace assay {

/// Says that arguments do not fit together.
struct BadArgument : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void remember_error(const char *message);

/// The one exception boundary: nothing thrown inside `body` gets past it.
template <typename Body>
AssayStatus guarded(Body &&body) noexcept {
    try {
        body();
        return ASSAY_OK;
    } catch (const BadArgument &error) {
        remember_error(error.what());
        return ASSAY_BAD_ARGUMENT;
    } catch (const c10::OutOfMemoryError &error) {
        remember_error(error.what_without_backtrace());
        return ASSAY_OUT_OF_MEMORY;
    } catch (const c10::Error &error) {
        remember_error(error.what_without_backtrace());
        const bool memory = std::string(error.what()).find("allocate memory") != std::string::npos;
        return memory ? ASSAY_OUT_OF_MEMORY : ASSAY_FAILED;
    } catch (const std::bad_alloc &) {
        remember_error("out of memory");
        return ASSAY_OUT_OF_MEMORY;
    } catch (const std::exception &error) {
        remember_error(error.what());
        return ASSAY_FAILED;
    } catch (...) {
        remember_error("an unknown C++ exception");
        return ASSAY_FAILED;
    }
}

/// Runs `body`, which returns a tensor, and hands the result out as a new handle.
template <typename Body>
AssayStatus giving(AssayTensorRef *out, Body &&body) noexcept {
    return guarded([&] { *out = new AssayTensor(body()); });
}

inline const at::Tensor &value(AssayTensorRef tensor) {
    if (tensor == nullptr) throw BadArgument("a tensor is missing");
    return tensor->value;
}

inline at::IntArrayRef shape(const int64_t *extents, int32_t rank) {
    if (rank < 0) throw BadArgument("a shape cannot have a negative rank");
    return at::IntArrayRef(extents, static_cast<size_t>(rank));
}

at::ScalarType scalar_type(AssayDType dtype);
AssayDType dtype_code(at::ScalarType type);

/// Whether a gradient could be wanted of an expression in these tensors.
bool needs_graph(std::initializer_list<AssayTensorRef> tensors);

// Fused loops over rows of floats (kernels.cpp); each picks its instructions at run time.
namespace kernels {
void rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon, double shift, at::Tensor &out);
void rotate(
    const at::Tensor &x, const float *cosines, const float *sines, int64_t pairs, const int64_t *positions,
    at::Tensor &out);
/// Which keys a row of attention scores sees: those from the window's start up to its own position.
struct CausalRows {
    int64_t rows_per_head;   // the scores' rows repeat this many positions for every head
    int64_t first_position;  // of the first row
    int64_t first_key;       // position of the first column
    int64_t window;          // 0: none
    double scale;
    double soft_cap;  // 0: none
};
/// scores [.., rows, keys] float32 -> out, the same shape: softmax over the visible keys, zero elsewhere.
void causal_softmax(const at::Tensor &scores, const CausalRows &rows, at::Tensor &out);
/// Keys and values beside the queries, or in the cache.
struct SourceRows {
    const at::Tensor *keys;
    const at::Tensor *values;
};
/// Attention of single query rows, each over the ranges of its own path, read in place: what generation needs, where a prompt's
/// keys are shared by many samples and libtorch's kernels would want them copied together for each.
void attend_rows(
    const at::Tensor &q, const SourceRows *sources, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, at::Tensor &out);
/// Whether attention over tiles (tiles.cpp) has these queries: bfloat16, no cap, and a processor that multiplies bfloat16.
bool fits_tiles(const at::Tensor &q, const AssayAttention &settings);
/// Attention of segments of any length. log_sums [rows, heads] float32 gets log Σ exp of the scores where it is defined.
void attend_tiles(
    const at::Tensor &q, const SourceRows *sources, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, at::Tensor &out, at::Tensor &log_sums);
/// Its derivatives, from what it gave; keys beside the queries only. to_q must be there and hold zeros in rows of no segment.
void attend_tiles_backward(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const AssaySegment *segments, int64_t count,
    const AssayRowRange *ranges, const AssayAttention &settings, const at::Tensor &out, const at::Tensor &log_sums,
    const at::Tensor &slope, at::Tensor &to_q, at::Tensor &to_k, at::Tensor &to_v);
/// silu(gate) · up, and its derivatives.
void swiglu(const at::Tensor &gate, const at::Tensor &up, at::Tensor &out);
void swiglu_backward(
    const at::Tensor &gate, const at::Tensor &up, const at::Tensor &slope, at::Tensor &to_gate, at::Tensor &to_up);
/// gains [width] float32: weight + shift.
void rms_norm_backward(
    const at::Tensor &x, const at::Tensor &gains, double epsilon, const at::Tensor &slope, at::Tensor &to_x,
    at::Tensor &to_gains);
/// How a raw logit is read: capped, then divided by the temperature.
struct LogitReading {
    double soft_cap;  // 0: none
    double temperature;
    double operator()(double logit) const;
    bool is_plain() const { return soft_cap == 0 && temperature == 1; }
};
/// logits [rows, vocabulary] -> out[rows]
void log_sum_exp(const at::Tensor &logits, LogitReading reading, double *out);
/// out[j] = logits[rows[j] - first_row, columns[j]]
void pick(
    const at::Tensor &logits, LogitReading reading, int64_t first_row, const int64_t *rows, const int64_t *columns,
    int64_t count, double *out);
}  // namespace kernels

// The same loops with derivatives (fused.cpp).
namespace fused {
at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon, double shift);
at::Tensor rotate(const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines, const at::Tensor &positions);
at::Tensor swiglu(const at::Tensor &gate, const at::Tensor &up);
/// Where fits_tiles says so; no cache.
at::Tensor attention(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const AssaySegment *segments, int64_t segment_count,
    const AssayRowRange *ranges, int64_t range_count, const AssayAttention &settings);
}  // namespace fused

// The parts of the table, by file.
void fill_tensors(AssayTorchTable &table);
void fill_arithmetic(AssayTorchTable &table);
void fill_layers(AssayTorchTable &table);
void fill_attention(AssayTorchTable &table);
void fill_autograd(AssayTorchTable &table);
void fill_objectives(AssayTorchTable &table);

}  // namespace assay
