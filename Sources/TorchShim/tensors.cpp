#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "Shim.hpp"

namespace assay {

at::ScalarType scalar_type(AssayDType dtype) {
    switch (dtype) {
    case ASSAY_FLOAT32: return at::kFloat;
    case ASSAY_BFLOAT16: return at::kBFloat16;
    case ASSAY_FLOAT16: return at::kHalf;
    case ASSAY_INT64: return at::kLong;
    case ASSAY_INT32: return at::kInt;
    case ASSAY_BOOL: return at::kBool;
    case ASSAY_FLOAT64: return at::kDouble;
    default: throw BadArgument("unknown element type " + std::to_string(dtype));
    }
}

AssayDType dtype_code(at::ScalarType type) {
    switch (type) {
    case at::kFloat: return ASSAY_FLOAT32;
    case at::kBFloat16: return ASSAY_BFLOAT16;
    case at::kHalf: return ASSAY_FLOAT16;
    case at::kLong: return ASSAY_INT64;
    case at::kInt: return ASSAY_INT32;
    case at::kBool: return ASSAY_BOOL;
    case at::kDouble: return ASSAY_FLOAT64;
    default: return -1;
    }
}

static at::TensorOptions options(AssayDType dtype, const char *device) {
    return at::TensorOptions().dtype(scalar_type(dtype)).device(c10::Device(device));
}

static AssayStatus from_bytes(
    const void *bytes, const int64_t *extents, int32_t rank, AssayDType dtype, const char *device,
    AssayTensorRef *out) {
    return giving(out, [&] {
        at::Tensor host = at::empty(shape(extents, rank), at::TensorOptions().dtype(scalar_type(dtype)));
        if (host.nbytes() > 0) std::memcpy(host.data_ptr(), bytes, host.nbytes());
        return host.to(c10::Device(device));
    });
}

static AssayStatus borrow(
    void *bytes, const int64_t *extents, int32_t rank, AssayDType dtype, void (*release_owner)(void *), void *owner,
    AssayTensorRef *out) {
    return giving(out, [&] {
        // Where libtorch refuses the shape after it took the memory, the owner stays the caller's.
        auto is_taken = std::make_shared<bool>(false);
        at::Tensor tensor = at::from_blob(
            bytes, shape(extents, rank),
            [release_owner, owner, is_taken](void *) {
                if (*is_taken) release_owner(owner);
            },
            at::TensorOptions().dtype(scalar_type(dtype)));
        *is_taken = true;
        return tensor;
    });
}

static AssayStatus full(
    double fill, const int64_t *extents, int32_t rank, AssayDType dtype, const char *device, AssayTensorRef *out) {
    return giving(out, [&] { return at::full(shape(extents, rank), fill, options(dtype, device)); });
}

static AssayStatus empty(
    const int64_t *extents, int32_t rank, AssayDType dtype, const char *device, AssayTensorRef *out) {
    return giving(out, [&] { return at::empty(shape(extents, rank), options(dtype, device)); });
}

static AssayStatus random(
    int32_t normal, uint64_t seed, const int64_t *extents, int32_t rank, AssayDType dtype, const char *device,
    AssayTensorRef *out) {
    return giving(out, [&] {
        at::Generator generator = at::detail::createCPUGenerator(seed);
        at::Tensor draws = at::empty(shape(extents, rank), at::kFloat);
        normal ? draws.normal_(0, 1, generator) : draws.uniform_(0, 1, generator);
        return draws.to(options(dtype, device));
    });
}

static int32_t rank(AssayTensorRef tensor) { return tensor ? static_cast<int32_t>(tensor->value.dim()) : 0; }
static int64_t extent(AssayTensorRef tensor, int32_t dimension) {
    if (!tensor || dimension < 0 || dimension >= tensor->value.dim()) return 0;
    return tensor->value.sizes()[static_cast<size_t>(dimension)];
}
static AssayDType dtype(AssayTensorRef tensor) { return tensor ? dtype_code(tensor->value.scalar_type()) : -1; }

static AssayStatus read(AssayTensorRef tensor, AssayDType as, void *out, int64_t count) {
    return guarded([&] {
        if (value(tensor).numel() != count) throw BadArgument("the buffer does not have the tensor's element count");
        at::Tensor host = value(tensor).detach().to(at::kCPU, scalar_type(as)).contiguous();
        if (host.nbytes() > 0) std::memcpy(out, host.data_ptr(), host.nbytes());
    });
}

static AssayStatus reshape(AssayTensorRef x, const int64_t *extents, int32_t rank, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).reshape(shape(extents, rank)); });
}
static AssayStatus transpose(AssayTensorRef x, int32_t first, int32_t second, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).transpose(first, second); });
}
static AssayStatus narrow(AssayTensorRef x, int32_t dimension, int64_t start, int64_t length, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).narrow(dimension, start, length); });
}

static at::Tensor indices(const int64_t *entries, int64_t count, c10::Device device) {
    at::Tensor host = at::empty({count}, at::kLong);
    if (count > 0) std::memcpy(host.data_ptr(), entries, static_cast<size_t>(count) * sizeof(int64_t));
    return host.to(device);
}

static AssayStatus index_rows(AssayTensorRef x, const int64_t *rows, int64_t count, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).index_select(0, indices(rows, count, value(x).device())); });
}

static AssayStatus concatenate(const AssayTensorRef *parts, int32_t count, int32_t dimension, AssayTensorRef *out) {
    return giving(out, [&] {
        std::vector<at::Tensor> tensors;
        for (int32_t i = 0; i < count; ++i) tensors.push_back(value(parts[i]));
        return at::cat(tensors, dimension);
    });
}

static AssayStatus convert(AssayTensorRef x, AssayDType dtype, const char *device, int32_t copy, AssayTensorRef *out) {
    return giving(out, [&] {
        return value(x).to(c10::Device(device), scalar_type(dtype), /*non_blocking=*/false, /*copy=*/copy != 0);
    });
}

static AssayStatus contiguous(AssayTensorRef x, AssayTensorRef *out) {
    return giving(out, [&] { return value(x).contiguous(); });
}

static AssayStatus write_rows(AssayTensorRef x, const int64_t *rows, int64_t count, AssayTensorRef source) {
    return guarded([&] {
        if (value(source).size(0) != count) throw BadArgument("the rows to write do not fit the source");
        if (count == 0) return;
        const bool is_run = rows[count - 1] - rows[0] == count - 1 &&
                            std::is_sorted(rows, rows + count);
        if (is_run) {
            value(x).narrow(0, rows[0], count).copy_(value(source));
        } else {
            value(x).index_copy_(0, indices(rows, count, value(x).device()), value(source));
        }
    });
}

static AssayStatus gather_columns(AssayTensorRef x, const int64_t *columns, int64_t count, AssayTensorRef *out) {
    return giving(out, [&] {
        return value(x).gather(1, indices(columns, count, value(x).device()).unsqueeze(1)).squeeze(1);
    });
}

static AssayStatus embedding(AssayTensorRef table, const int64_t *ids, int64_t count, AssayTensorRef *out) {
    return giving(out, [&] { return at::embedding(value(table), indices(ids, count, value(table).device())); });
}

void fill_tensors(AssayTorchTable &table) {
    table.from_bytes = from_bytes;
    table.borrow = borrow;
    table.full = full;
    table.empty = empty;
    table.random = random;
    table.rank = rank;
    table.extent = extent;
    table.dtype = dtype;
    table.read = read;
    table.reshape = reshape;
    table.transpose = transpose;
    table.narrow = narrow;
    table.index_rows = index_rows;
    table.concatenate = concatenate;
    table.convert = convert;
    table.contiguous = contiguous;
    table.write_rows = write_rows;
    table.gather_columns = gather_columns;
    table.embedding = embedding;
}

}  // namespace assay
