#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/autograd.h>

#include "Shim.hpp"

namespace assay {

bool needs_graph(std::initializer_list<AssayTensorRef> tensors) {
    if (!at::GradMode::is_enabled()) return false;
    for (AssayTensorRef tensor : tensors)
        if (tensor && tensor->value.requires_grad()) return true;
    return false;
}

static int32_t set_grad_enabled(int32_t enabled) {
    const bool before = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled != 0);
    return before;
}

static AssayStatus set_requires_grad(AssayTensorRef tensor, int32_t required) {
    return guarded([&] { value(tensor).set_requires_grad(required != 0); });
}

static AssayStatus detach(AssayTensorRef tensor, AssayTensorRef *out) {
    return giving(out, [&] { return value(tensor).detach(); });
}

static AssayStatus backward(AssayTensorRef loss) {
    return guarded([&] {
        if (value(loss).numel() != 1) throw BadArgument("backward starts from a single number");
        torch::autograd::backward({value(loss)}, {});
    });
}

static AssayStatus backward_from(AssayTensorRef result, const double *slopes, int64_t count) {
    return guarded([&] {
        const at::Tensor &end = value(result);
        if (end.numel() != count) throw BadArgument("there is not one derivative for each number");
        const at::Tensor given =
            at::from_blob(const_cast<double *>(slopes), end.sizes(), at::TensorOptions().dtype(at::kDouble));
        torch::autograd::backward({end}, {given.to(end.device(), end.scalar_type(), false, /*copy=*/true)});
    });
}

static AssayStatus set_gradient(AssayTensorRef tensor, AssayTensorRef gradient) {
    return guarded([&] { value(tensor).mutable_grad() = value(gradient); });
}

static AssayStatus assign(AssayTensorRef x, AssayTensorRef source) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        value(x).copy_(value(source));
    });
}

static AssayStatus assign_scaled(AssayTensorRef x, double scale) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        scale == 0 ? value(x).zero_() : value(x).mul_(scale);
    });
}

static AssayStatus norm(AssayTensorRef x, double *out) {
    return guarded([&] { *out = at::linalg_vector_norm(value(x), 2, {}, false, at::kDouble).item<double>(); });
}

static AssayStatus gradient(AssayTensorRef tensor, AssayTensorRef *out) {
    return guarded([&] {
        const at::Tensor &grad = value(tensor).grad();
        if (grad.defined()) *out = new AssayTensor(grad);
    });
}

static AssayStatus clear_gradient(AssayTensorRef tensor) {
    return guarded([&] { value(tensor).mutable_grad().reset(); });
}

static std::vector<at::Tensor> list(const AssayTensorRef *handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    for (int32_t i = 0; i < count; ++i) tensors.push_back(value(handles[i]));
    return tensors;
}

/// The fused step walks all four lists by the first one's extents.
static void check_alike(const std::vector<at::Tensor> &tensors, const std::vector<at::Tensor> &others) {
    for (size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].sizes() != others[i].sizes() || tensors[i].scalar_type() != others[i].scalar_type())
            throw BadArgument("a parameter's gradient or moment has another shape or type");
}

static AssayStatus adamw(
    const AssayTensorRef *parameters, const AssayTensorRef *gradients, const AssayTensorRef *first_moments,
    const AssayTensorRef *second_moments, int32_t count, int64_t step, const AssayAdamW *settings) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        const std::vector<at::Tensor> weights = list(parameters, count), slopes = list(gradients, count),
                                      first = list(first_moments, count), second = list(second_moments, count);
        for (const auto &others : {slopes, first, second}) check_alike(weights, others);
        std::vector<at::Tensor> steps;
        for (const at::Tensor &weight : weights)
            steps.push_back(at::full({}, static_cast<double>(step), weight.options().dtype(at::kFloat)));
        at::_fused_adamw_(
            weights, slopes, first, second, {}, steps,
            settings->learning_rate, settings->beta1, settings->beta2, settings->weight_decay, settings->epsilon,
            /*amsgrad=*/false, /*maximize=*/false);
    });
}

void fill_autograd(AssayTorchTable &table) {
    table.set_grad_enabled = set_grad_enabled;
    table.set_requires_grad = set_requires_grad;
    table.detach = detach;
    table.backward = backward;
    table.backward_from = backward_from;
    table.set_gradient = set_gradient;
    table.assign = assign;
    table.assign_scaled = assign_scaled;
    table.norm = norm;
    table.gradient = gradient;
    table.clear_gradient = clear_gradient;
    table.adamw = adamw;
}

}  // namespace assay
