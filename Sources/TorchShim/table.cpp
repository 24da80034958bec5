#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/Context.h>
#include <torch/version.h>

#include "Shim.hpp"

std::atomic<int64_t> AssayTensor::live{0};

namespace assay {

static thread_local std::string error_text;

void remember_error(const char *message) { error_text = message; }

static const char *last_error() { return error_text.c_str(); }
static void release(AssayTensorRef tensor) { delete tensor; }
static int64_t live_handles() { return AssayTensor::live.load(); }
static AssayStatus set_threads(int32_t count) {
    return guarded([&] {
        if (count < 1 || count > 1024) throw BadArgument("the number of threads must be from 1 to 1024");
        at::set_num_threads(count);
    });
}
static int32_t threads() { return at::get_num_threads(); }
static const char *torch_version() { return TORCH_VERSION; }
static const char *cpu_capability() {
    static const std::string name = at::get_cpu_capability();
    return name.c_str();
}
static int32_t cuda_device_count() {
    int32_t count = 0;
    guarded([&] { count = at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().deviceCount()) : 0; });
    return count;
}
static int32_t has_packed_linear() {
    return c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""}).has_value();
}

static AssayTorchTable make_table() {
    AssayTorchTable table{};
    table.version = ASSAY_TORCH_TABLE_VERSION;
    table.size = sizeof(AssayTorchTable);
    table.last_error = last_error;
    table.release = release;
    table.live_handles = live_handles;
    table.set_threads = set_threads;
    table.threads = threads;
    table.torch_version = torch_version;
    table.cpu_capability = cpu_capability;
    table.cuda_device_count = cuda_device_count;
    table.has_packed_linear = has_packed_linear;
    fill_tensors(table);
    fill_arithmetic(table);
    fill_layers(table);
    fill_attention(table);
    fill_autograd(table);
    fill_objectives(table);
    return table;
}

}  // namespace assay

extern "C" __attribute__((visibility("default"))) const AssayTorchTable *assay_torch_table(uint32_t version) {
    if (version != ASSAY_TORCH_TABLE_VERSION) return nullptr;
    static const AssayTorchTable table = assay::make_table();
    return &table;
}
