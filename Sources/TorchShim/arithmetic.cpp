#include <ATen/Functions.h>

#include "Shim.hpp"

namespace assay {

static at::Tensor apply_unary(AssayUnary function, const at::Tensor &x) {
    switch (function) {
    case ASSAY_NEGATE: return x.neg();
    case ASSAY_EXP: return x.exp();
    case ASSAY_LOG: return x.log();
    case ASSAY_SQRT: return x.sqrt();
    case ASSAY_TANH: return x.tanh();
    case ASSAY_SIGMOID: return x.sigmoid();
    case ASSAY_LOG_SIGMOID: return at::log_sigmoid(x);
    case ASSAY_SILU: return at::silu(x);
    case ASSAY_GELU: return at::gelu(x);
    case ASSAY_GELU_TANH: return at::gelu(x, "tanh");
    case ASSAY_RELU: return x.relu();
    case ASSAY_ABS: return x.abs();
    case ASSAY_SQUARE: return x.square();
    case ASSAY_RECIPROCAL_SQRT: return x.rsqrt();
    default: throw BadArgument("unknown elementwise function");
    }
}

static at::Tensor apply_binary(AssayBinary function, const at::Tensor &a, const at::Tensor &b) {
    switch (function) {
    case ASSAY_ADD: return a + b;
    case ASSAY_SUBTRACT: return a - b;
    case ASSAY_MULTIPLY: return a * b;
    case ASSAY_DIVIDE: return a / b;
    case ASSAY_MAXIMUM: return at::maximum(a, b);
    case ASSAY_MINIMUM: return at::minimum(a, b);
    default: throw BadArgument("unknown function of two tensors");
    }
}

static at::Tensor apply_reduction(AssayReduction function, const at::Tensor &x, int64_t dimension, bool keep) {
    switch (function) {
    case ASSAY_SUM: return x.sum(dimension, keep);
    case ASSAY_MEAN: return x.mean(dimension, keep);
    case ASSAY_MAX: return x.amax(dimension, keep);
    case ASSAY_ARGMAX: return x.argmax(dimension, keep);
    case ASSAY_LOG_SUM_EXP: return x.logsumexp(dimension, keep);
    case ASSAY_SOFTMAX: return x.softmax(dimension);
    case ASSAY_LOG_SOFTMAX: return x.log_softmax(dimension);
    default: throw BadArgument("unknown reduction");
    }
}

static AssayStatus unary(AssayUnary function, AssayTensorRef x, AssayTensorRef *out) {
    return giving(out, [&] { return apply_unary(function, value(x)); });
}
static AssayStatus binary(AssayBinary function, AssayTensorRef a, AssayTensorRef b, AssayTensorRef *out) {
    return giving(out, [&] { return apply_binary(function, value(a), value(b)); });
}
static AssayStatus affine(AssayTensorRef x, double scale, double shift, AssayTensorRef *out) {
    return giving(out, [&] {
        at::Tensor scaled = scale == 1 ? value(x) : value(x) * scale;
        return shift == 0 ? (scale == 1 ? scaled.clone() : scaled) : scaled + shift;
    });
}
static AssayStatus clamp(AssayTensorRef x, double lowest, double highest, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).clamp(lowest, highest); });
}
static AssayStatus reduce(
    AssayReduction function, AssayTensorRef x, int32_t dimension, int32_t keep, AssayTensorRef *out) {
    return giving(out, [&] { return apply_reduction(function, value(x), dimension, keep != 0); });
}
static AssayStatus matmul(AssayTensorRef a, AssayTensorRef b, AssayTensorRef *out) {
    return giving(out, [&] { return at::matmul(value(a), value(b)); });
}

void fill_arithmetic(AssayTorchTable &table) {
    table.unary = unary;
    table.binary = binary;
    table.affine = affine;
    table.clamp = clamp;
    table.reduce = reduce;
    table.matmul = matmul;
}

}  // namespace assay
