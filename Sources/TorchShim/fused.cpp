// Layers of float32 and bfloat16 rows with derivatives of their own: one loop forward and one back, where libtorch's graph would
// make a tensor for every operation.

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "Shim.hpp"

namespace assay::fused {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct RootMeanSquareNorm : torch::autograd::Function<RootMeanSquareNorm> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &x, const at::Tensor &weight, double epsilon, double shift) {
        const at::Tensor rows = x.contiguous();
        at::Tensor result = at::empty_like(rows);
        kernels::rms_norm(rows, weight, epsilon, shift, result);
        context->save_for_backward({rows, weight});
        context->saved_data["epsilon"] = epsilon;
        context->saved_data["shift"] = shift;
        return result;
    }

    static variable_list backward(AutogradContext *context, const variable_list &slopes) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[1];
        const at::Tensor gains = (weight.to(at::kFloat) + context->saved_data["shift"].toDouble()).contiguous();
        at::Tensor to_x = at::empty_like(x), to_gains;
        kernels::rms_norm_backward(
            x, gains, context->saved_data["epsilon"].toDouble(), slopes[0].to(x.scalar_type()).contiguous(), to_x, to_gains);
        return {to_x, to_gains.to(weight.scalar_type()), {}, {}};
    }
};

struct Rotation : torch::autograd::Function<Rotation> {
    static at::Tensor turned(
        const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines, const at::Tensor &positions) {
        at::Tensor result = at::empty(x.sizes(), x.options());
        kernels::rotate(
            x, cosines.const_data_ptr<float>(), sines.const_data_ptr<float>(), cosines.size(1),
            positions.const_data_ptr<int64_t>(), result);
        return result;
    }

    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines,
        const at::Tensor &positions) {
        context->save_for_backward({cosines, sines, positions});
        return turned(x, cosines, sines, positions);
    }

    /// A turn's derivative is the turn back.
    static variable_list backward(AutogradContext *context, const variable_list &slopes) {
        const variable_list saved = context->get_saved_variables();
        return {turned(slopes[0].contiguous(), saved[0], saved[1].neg(), saved[2]), {}, {}, {}};
    }
};

struct GatedProduct : torch::autograd::Function<GatedProduct> {
    static at::Tensor forward(AutogradContext *context, const at::Tensor &gate, const at::Tensor &up) {
        const at::Tensor gates = gate.contiguous(), ups = up.contiguous();
        at::Tensor result = at::empty_like(gates);
        kernels::swiglu(gates, ups, result);
        context->save_for_backward({gates, ups});
        return result;
    }

    static variable_list backward(AutogradContext *context, const variable_list &slopes) {
        const variable_list saved = context->get_saved_variables();
        at::Tensor to_gate = at::empty_like(saved[0]), to_up = at::empty_like(saved[1]);
        kernels::swiglu_backward(
            saved[0], saved[1], slopes[0].to(saved[0].scalar_type()).contiguous(), to_gate, to_up);
        return {to_gate, to_up};
    }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon, double shift) {
    return RootMeanSquareNorm::apply(x, weight, epsilon, shift);
}

at::Tensor rotate(const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines, const at::Tensor &positions) {
    return Rotation::apply(x, cosines.contiguous(), sines.contiguous(), positions.contiguous());
}

at::Tensor swiglu(const at::Tensor &gate, const at::Tensor &up) { return GatedProduct::apply(gate, up); }

}  // namespace assay::fused
