// affine: unsigned integers, a scale and a bias of the weights' own type for each group;
// value = scale * code + bias. Code 0 is the edge of the group's range that is larger in magnitude
// and is exact, which makes about half of the scales negative; where the range straddles zero the
// scale is adjusted so that zero is a code as well. With one bit, 0 and 1 are the two edges.
#include <algorithm>
#include <cmath>

#include "quant/mode.h"

namespace mlxport {
namespace {

template <class F>
GroupScale<F> encode(std::span<const F> values, int bits, F, std::span<std::uint8_t> codes) {
  const auto [min, max] = std::ranges::minmax(values);
  if constexpr (sizeof(F) == sizeof(float)) {
    if (std::isinf(max - min)) {
      // The range is wider than the largest float, the scale of 2 bits and more is not.
      std::array<double, max_group_size> wide;
      std::ranges::copy(values, wide.begin());
      const auto scale =
          encode<double>(std::span<const double>(wide.data(), values.size()), bits, 1, codes);
      return {static_cast<F>(scale.scale), static_cast<F>(scale.bias)};
    }
  }
  const F smallest = F(1e-7);  // keeps a constant group from dividing by zero
  const F levels = static_cast<F>((1 << bits) - 1);
  F scale = std::max((max - min) / levels, smallest);
  F bias = min;
  if (bits > 1) {
    const bool from_min = std::abs(min) > std::abs(max);
    const F edge = from_min ? min : max;
    if (!from_min) scale = -scale;
    const F zero_code = std::nearbyint(edge / scale);
    bias = zero_code == 0 ? 0 : edge;
    if (zero_code != 0) scale = edge / zero_code;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const F code = std::nearbyint((values[i] - bias) / scale);
    codes[i] = static_cast<std::uint8_t>(std::clamp(code, F(0), levels));
  }
  return {scale, bias};
}

const Registration registered({
    .name = "affine",
    .group_sizes = {32, 64, 128},
    .default_group_size = 64,
    .bits = {1, 2, 3, 4, 5, 6, 8},
    .default_bits = 4,
    .element = {"unsigned", table([](std::uint8_t code) { return static_cast<double>(code); })},
    .scale = {},
    .has_biases = true,
    .global_divisor = 0,
    .encode_float = encode<float>,
    .encode_double = encode<double>,
});

}  // namespace
}  // namespace mlxport
