// Layers of float32 and bfloat16 rows with derivatives of their own: one loop forward and one back, where libtorch's graph would
// make a tensor for every operation.

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

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

/// The segments, their ranges and the settings travel to the gradient as bytes.
template <typename Item>
at::Tensor as_bytes(const Item *items, int64_t count) {
    at::Tensor bytes = at::empty({count * static_cast<int64_t>(sizeof(Item))}, at::kByte);
    std::copy_n(items, count, reinterpret_cast<Item *>(bytes.data_ptr()));
    return bytes;
}

struct TiledAttention : torch::autograd::Function<TiledAttention> {
    static at::Tensor forward(
        AutogradContext *context, const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const at::Tensor &segments,
        const at::Tensor &ranges, const at::Tensor &settings) {
        at::Tensor result = at::zeros(q.sizes(), q.options());
        at::Tensor log_sums = at::zeros({q.size(0), q.size(1)}, q.options().dtype(at::kFloat));
        const at::Tensor none;
        const kernels::SourceRows rows[2] = {{&k, &v}, {&none, &none}};
        kernels::attend_tiles(
            q, rows, items<AssaySegment>(segments), count<AssaySegment>(segments), items<AssayRowRange>(ranges),
            *items<AssayAttention>(settings), result, log_sums);
        context->save_for_backward({q, k, v, segments, ranges, settings, result, log_sums});
        return result;
    }

    static variable_list backward(AutogradContext *context, const variable_list &slopes) {
        const variable_list saved = context->get_saved_variables();
        at::Tensor to_q = at::zeros(saved[0].sizes(), saved[0].options()), to_k, to_v;
        kernels::attend_tiles_backward(
            saved[0], saved[1], saved[2], items<AssaySegment>(saved[3]), count<AssaySegment>(saved[3]),
            items<AssayRowRange>(saved[4]), *items<AssayAttention>(saved[5]), saved[6], saved[7], slopes[0], to_q, to_k, to_v);
        return {to_q, to_k, to_v, {}, {}, {}};
    }

    template <typename Item>
    static const Item *items(const at::Tensor &bytes) {
        return reinterpret_cast<const Item *>(bytes.const_data_ptr());
    }
    template <typename Item>
    static int64_t count(const at::Tensor &bytes) {
        return bytes.numel() / static_cast<int64_t>(sizeof(Item));
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

at::Tensor attention(
    const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const AssaySegment *segments, int64_t segment_count,
    const AssayRowRange *ranges, int64_t range_count, const AssayAttention &settings) {
    return TiledAttention::apply(
        q, k, v, as_bytes(segments, segment_count), as_bytes(ranges, range_count), as_bytes(&settings, 1));
}

}  // namespace assay::fused
