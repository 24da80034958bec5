#ifndef ASSAY_CTORCH_H
#define ASSAY_CTORCH_H

// The contract between Assay and its libtorch shim: one table of C functions, handed over by one symbol.
//
// - Every function that can fail returns a status and leaves its out-parameters untouched on failure; the message is
//   thread-local and is read with last_error on the same thread before anything else is called.
// - A tensor crosses the boundary as an opaque handle that owns one reference; release gives it back.
// - No C++ type, exception or allocation crosses the boundary.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised whenever the table changes; a shim of another version is refused.
#define ASSAY_TORCH_TABLE_VERSION 4

typedef struct AssayTensor *AssayTensorRef;

typedef int32_t AssayStatus;
enum {
    ASSAY_OK = 0,
    ASSAY_FAILED = 1,         // libtorch reported an error; last_error has its message
    ASSAY_OUT_OF_MEMORY = 2,  // an allocation failed on the host or the device
    ASSAY_BAD_ARGUMENT = 3,   // the arguments do not fit together; nothing was computed
};

typedef int32_t AssayDType;
enum {
    ASSAY_FLOAT32 = 0,
    ASSAY_BFLOAT16 = 1,
    ASSAY_FLOAT16 = 2,
    ASSAY_INT64 = 3,
    ASSAY_INT32 = 4,
    ASSAY_BOOL = 5,
    ASSAY_FLOAT64 = 6,
};

/// Elementwise functions of one tensor.
typedef int32_t AssayUnary;
enum {
    ASSAY_NEGATE, ASSAY_EXP, ASSAY_LOG, ASSAY_SQRT, ASSAY_TANH, ASSAY_SIGMOID, ASSAY_LOG_SIGMOID, ASSAY_SILU,
    ASSAY_GELU, ASSAY_GELU_TANH, ASSAY_RELU, ASSAY_ABS, ASSAY_SQUARE, ASSAY_RECIPROCAL_SQRT,
};

/// Elementwise functions of two tensors, with broadcasting.
typedef int32_t AssayBinary;
enum { ASSAY_ADD, ASSAY_SUBTRACT, ASSAY_MULTIPLY, ASSAY_DIVIDE, ASSAY_MAXIMUM, ASSAY_MINIMUM };

/// Reductions along one dimension.
typedef int32_t AssayReduction;
enum { ASSAY_SUM, ASSAY_MEAN, ASSAY_MAX, ASSAY_ARGMAX, ASSAY_LOG_SUM_EXP, ASSAY_SOFTMAX, ASSAY_LOG_SOFTMAX };

/// What a linear layer does to its result before it is written.
typedef int32_t AssayEpilogue;
enum {
    ASSAY_EPILOGUE_NONE,
    ASSAY_EPILOGUE_SILU,
    ASSAY_EPILOGUE_GELU,
    ASSAY_EPILOGUE_GELU_TANH,
    ASSAY_EPILOGUE_ADD,       // + other
    ASSAY_EPILOGUE_MULTIPLY,  // * other
};

/// Query rows [start, start + length) and the keys they see: the listed ranges, from the root of the sequence on, of
/// which the last `length` rows are the queries' own; those are seen causally.
typedef struct {
    int64_t start;
    int64_t length;
    int64_t keys_begin;  // first entry in the list of key ranges
    int64_t keys_end;    // one past the last entry
} AssaySegment;

/// Rows [start, start + length) of `source`: 0, the keys beside the queries; 1, the cache.
typedef struct {
    int64_t source;
    int64_t start;
    int64_t length;
} AssayRowRange;

typedef struct {
    double scale;       // multiplies the dot products
    double soft_cap;    // cap * tanh(x / cap) on the scaled dot products; 0: none
    int64_t window;     // a row sees the last `window` positions, itself included; 0: all
    int64_t heads;      // query heads
    int64_t kv_heads;   // key and value heads
    int64_t head_width;
} AssayAttention;

typedef struct {
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    double weight_decay;
} AssayAdamW;

typedef struct {
    uint32_t version;
    uint32_t size;  // sizeof this table as the shim was built

    // Errors, memory, environment
    const char *(*last_error)(void);
    void (*release)(AssayTensorRef tensor);
    int64_t (*live_handles)(void);
    AssayStatus (*set_threads)(int32_t count);
    int32_t (*threads)(void);
    const char *(*torch_version)(void);
    const char *(*cpu_capability)(void);
    int32_t (*cuda_device_count)(void);
    int32_t (*has_packed_linear)(void);

    // Making tensors. device: "cpu", "cuda", "cuda:1".
    AssayStatus (*from_bytes)(
        const void *bytes, const int64_t *shape, int32_t rank, AssayDType dtype, const char *device,
        AssayTensorRef *out);
    // Borrows memory: `release_owner(owner)` is called once, when the last tensor that uses it is gone.
    AssayStatus (*borrow)(
        void *bytes, const int64_t *shape, int32_t rank, AssayDType dtype, void (*release_owner)(void *),
        void *owner, AssayTensorRef *out);
    AssayStatus (*full)(
        double value, const int64_t *shape, int32_t rank, AssayDType dtype, const char *device, AssayTensorRef *out);
    // Elements undefined until written.
    AssayStatus (*empty)(
        const int64_t *shape, int32_t rank, AssayDType dtype, const char *device, AssayTensorRef *out);
    // Independent draws from a generator seeded with `seed` for this call alone: normal(0, 1), or uniform on [0, 1).
    AssayStatus (*random)(
        int32_t normal, uint64_t seed, const int64_t *shape, int32_t rank, AssayDType dtype, const char *device,
        AssayTensorRef *out);

    // Reading tensors
    int32_t (*rank)(AssayTensorRef tensor);
    int64_t (*extent)(AssayTensorRef tensor, int32_t dimension);
    AssayDType (*dtype)(AssayTensorRef tensor);
    // Copies the elements in row-major order, converted to the named type; count must equal the number of elements.
    AssayStatus (*read)(AssayTensorRef tensor, AssayDType as, void *out, int64_t count);

    // Shapes
    AssayStatus (*reshape)(AssayTensorRef x, const int64_t *shape, int32_t rank, AssayTensorRef *out);
    AssayStatus (*transpose)(AssayTensorRef x, int32_t first, int32_t second, AssayTensorRef *out);
    AssayStatus (*narrow)(AssayTensorRef x, int32_t dimension, int64_t start, int64_t length, AssayTensorRef *out);
    AssayStatus (*index_rows)(AssayTensorRef x, const int64_t *rows, int64_t count, AssayTensorRef *out);
    AssayStatus (*concatenate)(const AssayTensorRef *parts, int32_t count, int32_t dimension, AssayTensorRef *out);
    AssayStatus (*convert)(AssayTensorRef x, AssayDType dtype, const char *device, int32_t copy, AssayTensorRef *out);
    AssayStatus (*contiguous)(AssayTensorRef x, AssayTensorRef *out);
    // Writes row i of `source` over row rows[i] of `x`, in place; the rows must differ.
    AssayStatus (*write_rows)(AssayTensorRef x, const int64_t *rows, int64_t count, AssayTensorRef source);

    // Arithmetic, differentiable
    AssayStatus (*unary)(AssayUnary function, AssayTensorRef x, AssayTensorRef *out);
    AssayStatus (*binary)(AssayBinary function, AssayTensorRef a, AssayTensorRef b, AssayTensorRef *out);
    AssayStatus (*affine)(AssayTensorRef x, double scale, double shift, AssayTensorRef *out);
    AssayStatus (*clamp)(AssayTensorRef x, double lowest, double highest, AssayTensorRef *out);
    AssayStatus (*reduce)(
        AssayReduction function, AssayTensorRef x, int32_t dimension, int32_t keep, AssayTensorRef *out);
    AssayStatus (*matmul)(AssayTensorRef a, AssayTensorRef b, AssayTensorRef *out);
    AssayStatus (*gather_columns)(AssayTensorRef x, const int64_t *columns, int64_t count, AssayTensorRef *out);
    AssayStatus (*embedding)(AssayTensorRef table, const int64_t *ids, int64_t count, AssayTensorRef *out);

    // Layers. Differentiable where gradients are enabled and an input requires one; fused otherwise.
    AssayStatus (*pack_linear)(AssayTensorRef weight, int64_t rows_hint, AssayTensorRef *out);
    // x [rows, in], weight [out, in] plain or packed (`packed`), bias [out] or null, other [rows, out] or null.
    AssayStatus (*linear)(
        AssayTensorRef x, AssayTensorRef weight, int32_t packed, AssayTensorRef bias, AssayEpilogue epilogue,
        AssayTensorRef other, AssayTensorRef *out);
    // x [rows, width]: x / rms(x) * (weight + shift); in float32 inside.
    AssayStatus (*rms_norm)(AssayTensorRef x, AssayTensorRef weight, double epsilon, double shift, AssayTensorRef *out);
    AssayStatus (*layer_norm)(
        AssayTensorRef x, AssayTensorRef weight, AssayTensorRef bias, double epsilon, AssayTensorRef *out);
    // x [rows, heads, width]: rotates the first 2 * pairs columns of each head, column i with column i + pairs.
    // cosines, sines [positions, pairs] float32.
    AssayStatus (*rotate)(
        AssayTensorRef x, AssayTensorRef cosines, AssayTensorRef sines, const int64_t *positions, int64_t count,
        AssayTensorRef *out);
    // silu(gate) · up, elementwise.
    AssayStatus (*swiglu)(AssayTensorRef gate, AssayTensorRef up, AssayTensorRef *out);
    // q [rows, heads, width]; k, v [key rows, kv_heads, width]; cache_k, cache_v like k, v, or null. Rows of q that no
    // segment names are left undefined.
    AssayStatus (*attention)(
        AssayTensorRef q, AssayTensorRef k, AssayTensorRef v, AssayTensorRef cache_k, AssayTensorRef cache_v,
        const AssaySegment *segments, int64_t segment_count, const AssayRowRange *key_ranges, int64_t range_count,
        const AssayAttention *settings, AssayTensorRef *out);
    // hidden [rows, width], weight [vocabulary, width] plain or packed. With z = cap(hidden · weightᵀ) / temperature:
    // log_sum_exp[i] = log Σ exp z[i, ·] for every row, chosen[j] = z[target_rows[j], targets[j]] for every target;
    // target_rows must rise. The vocabulary-sized logits exist for a chunk of rows at a time.
    AssayStatus (*token_logits)(
        AssayTensorRef hidden, AssayTensorRef weight, int32_t packed, const int64_t *target_rows,
        const int64_t *targets, int64_t count, double soft_cap, double temperature, double *chosen,
        double *log_sum_exp);

    // Objectives. A head's logits are cap(hidden · weightᵀ) in float32, plus row kinds[i] of `bias` [kinds, vocabulary]
    // where one is given (0 or -inf: which tokens are allowed).
    // log softmax at target j: (row target_rows[j], token targets[j]) -> [count]; rows must rise. Differentiable in hidden
    // and weight; logits exist for a chunk of rows at a time and are made again for the gradient.
    AssayStatus (*token_log_probabilities)(
        AssayTensorRef hidden, AssayTensorRef weight, const int64_t *target_rows, const int64_t *targets, int64_t count,
        AssayTensorRef bias, const int64_t *kinds, double soft_cap, AssayTensorRef *out);
    // log softmax of every row: [rows, vocabulary]; for few rows or small vocabularies.
    AssayStatus (*log_distributions)(
        AssayTensorRef hidden, AssayTensorRef weight, AssayTensorRef bias, const int64_t *kinds, double soft_cap,
        AssayTensorRef *out);
    // -Σ p log p of every row, in nats; Σ p (log p - log q) too, where the same rows of another head give q. The bias is of both.
    AssayStatus (*entropies)(
        AssayTensorRef hidden, AssayTensorRef weight, double soft_cap, AssayTensorRef other_hidden,
        AssayTensorRef other_weight, double other_soft_cap, AssayTensorRef bias, const int64_t *kinds,
        double *entropies, double *divergences);

    // Autograd and optimiser
    int32_t (*set_grad_enabled)(int32_t enabled);  // returns what it was
    AssayStatus (*set_requires_grad)(AssayTensorRef tensor, int32_t required);
    AssayStatus (*detach)(AssayTensorRef tensor, AssayTensorRef *out);
    AssayStatus (*backward)(AssayTensorRef loss);
    // Goes back from numbers whose derivatives are given, one each.
    AssayStatus (*backward_from)(AssayTensorRef result, const double *slopes, int64_t count);
    // Where backward accumulates from now on.
    AssayStatus (*set_gradient)(AssayTensorRef tensor, AssayTensorRef gradient);
    // In place, without a graph: x = source; x *= scale.
    AssayStatus (*assign)(AssayTensorRef x, AssayTensorRef source);
    AssayStatus (*assign_scaled)(AssayTensorRef x, double scale);
    AssayStatus (*norm)(AssayTensorRef x, double *out);
    // *out stays null where there is no gradient.
    AssayStatus (*gradient)(AssayTensorRef tensor, AssayTensorRef *out);
    AssayStatus (*clear_gradient)(AssayTensorRef tensor);
    // One AdamW step (Loshchilov & Hutter 2019) on every parameter, in place. step counts from 1.
    AssayStatus (*adamw)(
        const AssayTensorRef *parameters, const AssayTensorRef *gradients, const AssayTensorRef *first_moments,
        const AssayTensorRef *second_moments, int32_t count, int64_t step, const AssayAdamW *settings);
} AssayTorchTable;

/// The shim's only symbol. Returns null where the shim does not have the version asked for.
typedef const AssayTorchTable *(*AssayTorchTableFunction)(uint32_t version);
#define ASSAY_TORCH_TABLE_SYMBOL "assay_torch_table"

#ifdef __cplusplus
}
#endif

#endif
