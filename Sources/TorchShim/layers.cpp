#include <ATen/Functions.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include "Shim.hpp"

namespace assay {

// oneDNN's linear layer with a weight reordered once and an epilogue fused into it. libtorch offers it as operators of
// its dispatcher only, so they are looked up by name.
namespace packed_linear {

static at::Tensor pack(const at::Tensor &weight, int64_t rows_hint) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("mkldnn::_reorder_linear_weight", "")
                               .typed<at::Tensor(const at::Tensor &, std::optional<int64_t>)>();
    return op.call(weight, rows_hint);
}

static at::Tensor unary(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, std::string_view attribute,
    std::optional<std::string_view> algorithm) {
    using Scalars = c10::List<std::optional<at::Scalar>>;
    static const auto op =
        c10::Dispatcher::singleton()
            .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
            .typed<at::Tensor(
                const at::Tensor &, const at::Tensor &, const std::optional<at::Tensor> &, std::string_view, Scalars,
                std::optional<std::string_view>)>();
    return op.call(x, weight, bias, attribute, Scalars(), algorithm);
}

static at::Tensor binary(
    const at::Tensor &x, const at::Tensor &other, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
    std::string_view attribute) {
    static const auto op =
        c10::Dispatcher::singleton()
            .findSchemaOrThrow("mkldnn::_linear_pointwise", "binary")
            .typed<at::Tensor(
                const at::Tensor &, const at::Tensor &, const at::Tensor &, const std::optional<at::Tensor> &,
                std::string_view)>();
    return op.call(x, other, weight, bias, attribute);
}

static at::Tensor apply(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, AssayEpilogue epilogue,
    const at::Tensor &other) {
    switch (epilogue) {
    case ASSAY_EPILOGUE_NONE: return unary(x, weight, bias, "none", std::nullopt);
    case ASSAY_EPILOGUE_SILU: return unary(x, weight, bias, "swish", std::nullopt);
    case ASSAY_EPILOGUE_GELU: return unary(x, weight, bias, "gelu", "none");
    case ASSAY_EPILOGUE_GELU_TANH: return unary(x, weight, bias, "gelu", "tanh");
    case ASSAY_EPILOGUE_ADD: return binary(x, other, weight, bias, "add");
    case ASSAY_EPILOGUE_MULTIPLY: return binary(x, other, weight, bias, "mul");
    default: throw BadArgument("unknown epilogue of a linear layer");
    }
}

}  // namespace packed_linear

static at::Tensor plain_linear(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, AssayEpilogue epilogue,
    const at::Tensor &other) {
    const at::Tensor y = at::linear(x, weight, bias);
    switch (epilogue) {
    case ASSAY_EPILOGUE_NONE: return y;
    case ASSAY_EPILOGUE_SILU: return at::silu(y);
    case ASSAY_EPILOGUE_GELU: return at::gelu(y);
    case ASSAY_EPILOGUE_GELU_TANH: return at::gelu(y, "tanh");
    case ASSAY_EPILOGUE_ADD: return y + other;
    case ASSAY_EPILOGUE_MULTIPLY: return y * other;
    default: throw BadArgument("unknown epilogue of a linear layer");
    }
}

static at::Tensor apply_linear(
    const at::Tensor &x, const at::Tensor &weight, bool packed, const std::optional<at::Tensor> &bias,
    AssayEpilogue epilogue, const at::Tensor &other) {
    return packed ? packed_linear::apply(x, weight, bias, epilogue, other)
                  : plain_linear(x, weight, bias, epilogue, other);
}

static AssayStatus pack_linear(AssayTensorRef weight, int64_t rows_hint, AssayTensorRef *out) {
    return giving(out, [&] { return packed_linear::pack(value(weight).contiguous(), rows_hint); });
}

/// oneDNN reads what it is given without looking at all of its extents, so they are checked here.
static void check_linear(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, const at::Tensor &other) {
    if (x.dim() != 2 || weight.dim() != 2 || x.size(1) != weight.size(1) || x.scalar_type() != weight.scalar_type())
        throw BadArgument("the linear layer's weight does not fit its input");
    if (bias && (bias->dim() != 1 || bias->size(0) != weight.size(0) || bias->scalar_type() != x.scalar_type()))
        throw BadArgument("the linear layer's bias does not fit its weight");
    const bool other_fits = !other.defined() || (other.dim() == 2 && other.size(0) == x.size(0) &&
                                                 other.size(1) == weight.size(0) && other.scalar_type() == x.scalar_type());
    if (!other_fits) throw BadArgument("the epilogue's second tensor does not fit the linear layer's result");
}

static AssayStatus linear(
    AssayTensorRef x, AssayTensorRef weight, int32_t packed, AssayTensorRef bias, AssayEpilogue epilogue,
    AssayTensorRef other, AssayTensorRef *out) {
    return giving(out, [&] {
        const bool binary = epilogue == ASSAY_EPILOGUE_ADD || epilogue == ASSAY_EPILOGUE_MULTIPLY;
        if (binary && !other) throw BadArgument("this epilogue needs a second tensor");
        const std::optional<at::Tensor> bias_value = bias ? std::optional(value(bias)) : std::nullopt;
        const at::Tensor operand = binary ? value(other) : at::Tensor();
        check_linear(value(x), value(weight), bias_value, operand);
        return apply_linear(value(x), value(weight), packed != 0, bias_value, epilogue, operand);
    });
}

static bool has_fused_kernels(const at::Tensor &x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

static AssayStatus rms_norm(
    AssayTensorRef x, AssayTensorRef weight, double epsilon, double shift, AssayTensorRef *out) {
    return giving(out, [&] {
        const at::Tensor &input = value(x);
        if (value(weight).numel() != input.size(-1)) throw BadArgument("the norm's weight does not fit its input");
        if (has_fused_kernels(input) && needs_graph({x, weight})) return fused::rms_norm(input, value(weight), epsilon, shift);
        if (has_fused_kernels(input)) {
            const at::Tensor rows = input.contiguous();
            at::Tensor result = at::empty_like(rows);
            kernels::rms_norm(rows, value(weight), epsilon, shift, result);
            return result;
        }
        const at::Tensor wide = input.to(at::kFloat);
        const at::Tensor scaled = wide * at::rsqrt(wide.square().mean(-1, true) + epsilon);
        return (scaled * (value(weight).to(at::kFloat) + shift)).to(input.scalar_type());
    });
}

static AssayStatus layer_norm(
    AssayTensorRef x, AssayTensorRef weight, AssayTensorRef bias, double epsilon, AssayTensorRef *out) {
    return giving(out, [&] {
        const std::optional<at::Tensor> shift = bias ? std::optional(value(bias)) : std::nullopt;
        return at::layer_norm(value(x), {value(x).size(-1)}, value(weight), shift, epsilon);
    });
}

static at::Tensor rotate_with_graph(
    const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines, const at::Tensor &positions) {
    const int64_t pairs = cosines.size(1), width = x.size(2);
    const at::Tensor c = cosines.index_select(0, positions).unsqueeze(1), s = sines.index_select(0, positions).unsqueeze(1);
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor a = wide.narrow(2, 0, pairs), b = wide.narrow(2, pairs, pairs);
    std::vector<at::Tensor> parts{a * c - b * s, b * c + a * s};
    if (width > 2 * pairs) parts.push_back(wide.narrow(2, 2 * pairs, width - 2 * pairs));
    return at::cat(parts, 2).to(x.scalar_type());
}

static AssayStatus rotate(
    AssayTensorRef x, AssayTensorRef cosines, AssayTensorRef sines, const int64_t *positions, int64_t count,
    AssayTensorRef *out) {
    return giving(out, [&] {
        const at::Tensor &input = value(x);
        if (value(cosines).dim() != 2 || value(cosines).sizes() != value(sines).sizes() ||
            value(cosines).scalar_type() != at::kFloat || value(sines).scalar_type() != at::kFloat)
            throw BadArgument("the rotary tables are no two float32 matrices of one shape");
        const int64_t pairs = value(cosines).size(1);
        if (input.dim() != 3 || input.size(0) != count) throw BadArgument("rotary positions do not fit the rows");
        if (2 * pairs > input.size(2)) throw BadArgument("the rotary width is larger than the head");
        for (int64_t i = 0; i < count; ++i)
            if (positions[i] < 0 || positions[i] >= value(cosines).size(0))
                throw BadArgument("position " + std::to_string(positions[i]) + " lies outside the rotary table");
        const bool rows_are_dense = input.stride(2) == 1 && input.stride(1) == input.size(2);
        if (has_fused_kernels(input) && rows_are_dense && !needs_graph({x})) {
            at::Tensor result = at::empty(input.sizes(), input.options());
            const at::Tensor c = value(cosines).contiguous(), s = value(sines).contiguous();
            kernels::rotate(
                input, c.const_data_ptr<float>(), s.const_data_ptr<float>(), pairs, positions, result);
            return result;
        }
        if (has_fused_kernels(input) && rows_are_dense) {
            const at::Tensor rows = at::tensor(at::IntArrayRef(positions, count), at::TensorOptions().dtype(at::kLong));
            return fused::rotate(input, value(cosines), value(sines), rows);
        }
        const at::Tensor where = at::from_blob(
            const_cast<int64_t *>(positions), {count}, at::TensorOptions().dtype(at::kLong)).to(input.device(), false, true);
        return rotate_with_graph(input, value(cosines), value(sines), where);
    });
}

static AssayStatus swiglu(AssayTensorRef gate, AssayTensorRef up, AssayTensorRef *out) {
    return giving(out, [&] {
        const at::Tensor &gates = value(gate), &ups = value(up);
        if (gates.sizes() != ups.sizes() || gates.scalar_type() != ups.scalar_type())
            throw BadArgument("the gate does not fit what it gates");
        return has_fused_kernels(gates) ? fused::swiglu(gates, ups) : at::silu(gates) * ups;
    });
}

/// How many rows of logits are made at once: about 32 MB of them.
static int64_t logit_rows(int64_t vocabulary, int64_t element_size) {
    return std::clamp<int64_t>((32 << 20) / std::max<int64_t>(vocabulary * element_size, 1), 1, 1024);
}

static void check_targets(
    const int64_t *target_rows, const int64_t *targets, int64_t count, int64_t rows, int64_t vocabulary) {
    for (int64_t i = 0; i < count; ++i) {
        if (targets[i] < 0 || targets[i] >= vocabulary)
            throw BadArgument("token " + std::to_string(targets[i]) + " lies outside the vocabulary");
        if (target_rows[i] < (i > 0 ? target_rows[i - 1] : 0) || target_rows[i] >= rows)
            throw BadArgument("target rows must rise and lie among the rows");
    }
}

static AssayStatus token_logits(
    AssayTensorRef hidden, AssayTensorRef weight, int32_t packed, const int64_t *target_rows, const int64_t *targets,
    int64_t count, double soft_cap, double temperature, double *chosen, double *log_sum_exp) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        const at::Tensor &rows = value(hidden);
        check_linear(rows, value(weight), std::nullopt, {});
        const int64_t vocabulary = value(weight).size(0);
        check_targets(target_rows, targets, count, rows.size(0), vocabulary);
        const int64_t step = logit_rows(vocabulary, rows.element_size());
        int64_t target = 0;
        for (int64_t start = 0; start < rows.size(0); start += step) {
            const int64_t length = std::min(step, rows.size(0) - start), first = target;
            at::Tensor logits = apply_linear(
                rows.narrow(0, start, length), value(weight), packed != 0, std::nullopt, ASSAY_EPILOGUE_NONE, {});
            if (!has_fused_kernels(logits)) logits = logits.to(at::kCPU, at::kFloat);
            while (target < count && target_rows[target] < start + length) ++target;
            const kernels::LogitReading reading{soft_cap, temperature};
            kernels::log_sum_exp(logits.contiguous(), reading, log_sum_exp + start);
            kernels::pick(
                logits.contiguous(), reading, start, target_rows + first, targets + first, target - first,
                chosen + first);
        }
    });
}

void fill_layers(AssayTorchTable &table) {
    table.pack_linear = pack_linear;
    table.linear = linear;
    table.rms_norm = rms_norm;
    table.layer_norm = layer_norm;
    table.rotate = rotate;
    table.swiglu = swiglu;
    table.token_logits = token_logits;
}

}  // namespace assay
