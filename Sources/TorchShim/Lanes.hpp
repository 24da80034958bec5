#pragma once

// What loops over rows of bfloat16 and float32 share.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__linux__)
// The compiler makes one copy per instruction set and the loader picks: the library stays portable.
#define ASSAY_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ASSAY_CLONES
#endif

namespace assay::kernels {

/// Sums run in this many lanes, so their order is fixed whatever the instructions.
constexpr int64_t kLanes = 16;

inline float sum_lanes(const float *lanes) {
    float total = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) total += lanes[lane];
    return total;
}

/// Rows of this width that are worth a thread.
inline int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(width, 1)); }

inline float widen(uint16_t bits) {
    const uint32_t word = static_cast<uint32_t>(bits) << 16;
    float number;
    std::memcpy(&number, &word, sizeof number);
    return number;
}

/// Rounds to the nearest bfloat16, ties to even. NaN stays NaN because its quiet bit survives the cut.
inline uint16_t narrow(float number) {
    uint32_t word;
    std::memcpy(&word, &number, sizeof word);
    const uint32_t rounded = (word + 0x7FFFu + ((word >> 16) & 1u)) >> 16;
    return static_cast<uint16_t>(number != number ? (word >> 16) | 0x40u : rounded);
}

/// exp(x) for x <= 0 to about 1e-7 relative: 2^k times a polynomial in the remainder (Cephes' expf).
inline float exp_nonpositive(float x) {
    x = std::max(x, -87.0f);
    const float k = std::nearbyintf(x * 1.44269504088896341f);
    float r = x - k * 0.693359375f;
    r = r + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const uint32_t power = static_cast<uint32_t>(static_cast<int32_t>(k) + 127) << 23;
    float scale;
    std::memcpy(&scale, &power, sizeof scale);
    return p * scale;
}

}  // namespace assay::kernels
