#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "Shim.hpp"

namespace assay {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

/// Rows of logits made at once: about 32 MB of float32.
int64_t chunk_rows(int64_t vocabulary) { return std::clamp<int64_t>((8 << 20) / std::max<int64_t>(vocabulary, 1), 1, 4096); }

at::Tensor indices(const int64_t *values, int64_t count, const at::Tensor &like) {
    return at::from_blob(const_cast<int64_t *>(values), {count}, at::TensorOptions().dtype(at::kLong))
        .to(like.device(), false, /*copy=*/true);
}

/// What turns hidden states into log-probabilities.
struct Head {
    at::Tensor weight;  // [vocabulary, width]
    at::Tensor bias;    // [kinds, vocabulary] float32, added to logits; undefined: none
    at::Tensor kinds;   // [rows]: which row of `bias`
    double soft_cap;    // 0: none

    /// Float32 logits of rows [start, start + count), capped, without the bias.
    at::Tensor capped(const at::Tensor &hidden, int64_t start, int64_t count) const {
        const at::Tensor z = at::linear(hidden.narrow(0, start, count), weight).to(at::kFloat);
        return soft_cap > 0 ? soft_cap * at::tanh(z / soft_cap) : z;
    }
    at::Tensor biased(const at::Tensor &z, int64_t start, int64_t count) const {
        return bias.defined() ? z + bias.index_select(0, kinds.narrow(0, start, count)) : z;
    }
};

/// Targets of one chunk of rows: rows rise, so they are consecutive.
struct Part {
    int64_t start, count;    // rows
    int64_t first, targets;  // targets
};

std::vector<Part> parts_of(int64_t rows, int64_t vocabulary, const at::Tensor &target_rows) {
    const at::Tensor on_host = target_rows.cpu();
    const int64_t *row = on_host.const_data_ptr<int64_t>();
    const int64_t step = chunk_rows(vocabulary), total = target_rows.numel();
    std::vector<Part> parts;
    int64_t target = 0;
    for (int64_t start = 0; start < rows; start += step) {
        const int64_t count = std::min(step, rows - start), first = target;
        while (target < total && row[target] < start + count) ++target;
        parts.push_back({start, count, first, target - first});
    }
    return parts;
}

/// log softmax(cap(hidden · weightᵀ) + bias) at the targets. The vocabulary-sized logits exist for a chunk of rows at a
/// time and are made again for the gradient.
struct TokenLogProbabilities : torch::autograd::Function<TokenLogProbabilities> {
    static Variable forward(
        AutogradContext *context, const Variable &hidden, const Variable &weight, const at::Tensor &target_rows,
        const at::Tensor &targets, const std::optional<at::Tensor> &bias, const std::optional<at::Tensor> &kinds,
        double soft_cap) {
        const Head head{weight, bias.value_or(at::Tensor()), kinds.value_or(at::Tensor()), soft_cap};
        std::vector<at::Tensor> results;
        for (const Part &part : parts_of(hidden.size(0), weight.size(0), target_rows)) {
            const at::Tensor z = head.biased(head.capped(hidden, part.start, part.count), part.start, part.count);
            const at::Tensor rows = target_rows.narrow(0, part.first, part.targets) - part.start;
            const at::Tensor chosen = z.view({-1}).index_select(
                0, rows * weight.size(0) + targets.narrow(0, part.first, part.targets));
            results.push_back(chosen - at::logsumexp(z, {1}).index_select(0, rows));
        }
        context->save_for_backward({hidden, weight, target_rows, targets});
        if (bias) context->saved_data["bias"] = *bias;
        if (bias) context->saved_data["kinds"] = *kinds;
        context->saved_data["soft_cap"] = soft_cap;
        return at::cat(results, 0);
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &hidden = saved[0], &weight = saved[1], &target_rows = saved[2], &targets = saved[3];
        const bool is_biased = context->saved_data.count("bias") > 0;
        const Head head{
            weight, is_biased ? context->saved_data["bias"].toTensor() : at::Tensor(),
            is_biased ? context->saved_data["kinds"].toTensor() : at::Tensor(), context->saved_data["soft_cap"].toDouble()};
        const at::Tensor gradient = gradients[0].to(at::kFloat);
        at::Tensor to_weight;
        std::vector<at::Tensor> to_hidden;
        for (const Part &part : parts_of(hidden.size(0), weight.size(0), target_rows)) {
            const at::Tensor capped = head.capped(hidden, part.start, part.count);
            const at::Tensor rows = target_rows.narrow(0, part.first, part.targets) - part.start;
            const at::Tensor own = gradient.narrow(0, part.first, part.targets);
            const at::Tensor of_row = at::zeros({part.count}, own.options()).index_add_(0, rows, own);
            at::Tensor slope = head.biased(capped, part.start, part.count).softmax(1).mul_(of_row.neg().unsqueeze(1));
            slope.view({-1}).index_add_(0, rows * weight.size(0) + targets.narrow(0, part.first, part.targets), own);
            if (head.soft_cap > 0) slope.mul_(1 - (capped / head.soft_cap).square());
            slope = slope.to(hidden.scalar_type());
            to_hidden.push_back(at::matmul(slope, weight));
            const at::Tensor part_weight = at::matmul(slope.t(), hidden.narrow(0, part.start, part.count));
            to_weight = to_weight.defined() ? to_weight.add_(part_weight) : part_weight;
        }
        return {at::cat(to_hidden, 0), to_weight, {}, {}, {}, {}, {}};
    }
};

void check_targets(
    const at::Tensor &hidden, const at::Tensor &weight, const int64_t *target_rows, const int64_t *targets, int64_t count) {
    if (hidden.dim() != 2 || weight.dim() != 2 || hidden.size(1) != weight.size(1))
        throw BadArgument("the vocabulary's weight does not fit the hidden states");
    for (int64_t i = 0; i < count; ++i) {
        if (targets[i] < 0 || targets[i] >= weight.size(0)) throw BadArgument("a target lies outside the vocabulary");
        if (target_rows[i] < (i > 0 ? target_rows[i - 1] : 0) || target_rows[i] >= hidden.size(0))
            throw BadArgument("target rows must rise and lie among the rows");
    }
}

Head head_of(
    const at::Tensor &hidden, AssayTensorRef weight, AssayTensorRef bias, const int64_t *kinds, double soft_cap) {
    Head head{value(weight), at::Tensor(), at::Tensor(), soft_cap};
    if (!bias) return head;
    head.bias = value(bias);
    if (head.bias.dim() != 2 || head.bias.size(1) != head.weight.size(0) || !kinds)
        throw BadArgument("the bias does not fit the vocabulary");
    for (int64_t i = 0; i < hidden.size(0); ++i)
        if (kinds[i] < 0 || kinds[i] >= head.bias.size(0)) throw BadArgument("a row names a bias that is not there");
    head.kinds = indices(kinds, hidden.size(0), hidden);
    return head;
}

}  // namespace

static AssayStatus token_log_probabilities(
    AssayTensorRef hidden, AssayTensorRef weight, const int64_t *target_rows, const int64_t *targets, int64_t count,
    AssayTensorRef bias, const int64_t *kinds, double soft_cap, AssayTensorRef *out) {
    return giving(out, [&] {
        const at::Tensor &rows = value(hidden);
        check_targets(rows, value(weight), target_rows, targets, count);
        const Head head = head_of(rows, weight, bias, kinds, soft_cap);
        return TokenLogProbabilities::apply(
            rows, head.weight, indices(target_rows, count, rows), indices(targets, count, rows),
            head.bias.defined() ? std::optional(head.bias) : std::nullopt,
            head.kinds.defined() ? std::optional(head.kinds) : std::nullopt, soft_cap);
    });
}

static AssayStatus log_distributions(
    AssayTensorRef hidden, AssayTensorRef weight, AssayTensorRef bias, const int64_t *kinds, double soft_cap,
    AssayTensorRef *out) {
    return giving(out, [&] {
        const at::Tensor &rows = value(hidden);
        const Head head = head_of(rows, weight, bias, kinds, soft_cap);
        return at::log_softmax(head.biased(head.capped(rows, 0, rows.size(0)), 0, rows.size(0)), 1);
    });
}

/// log softmax of some of a head's rows, without a graph.
static at::Tensor log_rows(const Head &head, const at::Tensor &rows, int64_t start, int64_t count) {
    return at::log_softmax(head.biased(head.capped(rows, start, count), start, count), 1);
}

/// Sums over the vocabulary; a token that is not allowed has log-probability -inf and adds nothing.
static void sum_allowed(const at::Tensor &log, const at::Tensor &terms, double *out) {
    const at::Tensor allowed = at::where(log.isfinite(), terms, at::zeros({}, log.options()));
    const at::Tensor sums = allowed.sum(1).to(at::kCPU, at::kDouble).contiguous();
    std::copy_n(sums.const_data_ptr<double>(), sums.size(0), out);
}

static AssayStatus entropies(
    AssayTensorRef hidden, AssayTensorRef weight, double soft_cap, AssayTensorRef other_hidden,
    AssayTensorRef other_weight, double other_soft_cap, AssayTensorRef bias, const int64_t *kinds, double *entropies,
    double *divergences) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        const at::Tensor &rows = value(hidden);
        const Head head = head_of(rows, weight, bias, kinds, soft_cap);
        std::optional<Head> other;
        if (other_hidden) {
            if (value(other_hidden).size(0) != rows.size(0) || value(other_weight).size(0) != head.weight.size(0))
                throw BadArgument("two heads that are compared need the same rows and the same vocabulary");
            other = head_of(value(other_hidden), other_weight, bias, kinds, other_soft_cap);
        }
        const int64_t step = chunk_rows(head.weight.size(0));
        for (int64_t start = 0; start < rows.size(0); start += step) {
            const int64_t count = std::min(step, rows.size(0) - start);
            const at::Tensor log = log_rows(head, rows, start, count), p = log.exp();
            sum_allowed(log, -p * log, entropies + start);
            if (other) sum_allowed(log, p * (log - log_rows(*other, value(other_hidden), start, count)), divergences + start);
        }
    });
}

void fill_objectives(AssayTorchTable &table) {
    table.token_log_probabilities = token_log_probabilities;
    table.log_distributions = log_distributions;
    table.entropies = entropies;
}

}  // namespace assay
