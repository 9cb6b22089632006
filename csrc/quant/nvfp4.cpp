// nvfp4: e2m1 elements in groups of 16, one signed e4m3 byte as the scale of a group, and
// optionally one float32 for the whole tensor: value = element * scale * (global_scale / 2688),
// where 2688 is the product of the largest element and the largest scale, so that global_scale is
// the largest magnitude of the tensor. Without it, a group below 2^-10 * 6 gets the scale 0 and
// vanishes, and what is larger than 2688 saturates.
#include <algorithm>
#include <cmath>

#include "formats/e2m1.h"
#include "formats/e4m3.h"
#include "quant/mode.h"

namespace mlxport {
namespace {

template <class F>
GroupScale<F> encode(std::span<const F> values, int, F tensor_factor,
                     std::span<std::uint8_t> codes) {
  F largest = 0;
  for (const F value : values) largest = std::max(largest, std::abs(value));
  const std::uint8_t byte = e4m3::encode(largest / F(e2m1::max) * tensor_factor);
  const F scale = static_cast<F>(e4m3::decode(byte));
  for (std::size_t i = 0; i < values.size(); ++i) {
    codes[i] = scale == 0 ? std::uint8_t{0} : e2m1::encode(values[i] / scale * tensor_factor);
  }
  return {.byte = byte};
}

const Registration registered({
    .name = "nvfp4",
    .group_sizes = {16},
    .default_group_size = 16,
    .bits = {4},
    .default_bits = 4,
    .element = {"e2m1", table(e2m1::decode)},
    .scale = {"e4m3", table(e4m3::decode), e4m3::nan},
    .has_biases = false,
    .global_divisor = float(e2m1::max * e4m3::max),
    .encode_float = encode<float>,
    .encode_double = encode<double>,
});

}  // namespace
}  // namespace mlxport
