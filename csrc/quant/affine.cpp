// affine: unsigned integers, a scale and a bias of the weights' own type for each group;
// value = scale * code + bias. Code 0 is the edge of the group's range that is larger in magnitude
// and is exact, which makes about half of the scales negative; where the range straddles zero the
// scale is adjusted so that zero is a code as well. With one bit, 0 and 1 are the two edges.
#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/mode.h"

namespace mlxport {
namespace {

template <class F>
GroupScale<F> encode(std::span<const F> values, int bits, F, std::span<std::uint8_t> codes);

// A range wider than the largest float: with 2 bits and more the scale is not.
GroupScale<float> encode_wide(std::span<const float> values, int bits,
                              std::span<std::uint8_t> codes) {
  std::array<double, max_group_size> wide;
  std::ranges::copy(values, wide.begin());
  const auto scale = encode<double>(std::span(wide.data(), values.size()), bits, 1, codes);
  return {static_cast<float>(scale.scale), static_cast<float>(scale.bias)};
}

// There is nothing wider than double: such a group has no scale.
GroupScale<double> encode_wide(std::span<const double>, int, std::span<std::uint8_t>) {
  return {std::numeric_limits<double>::infinity(), 0};
}

template <class F>
GroupScale<F> encode(std::span<const F> values, int bits, F, std::span<std::uint8_t> codes) {
  const auto [min, max] = std::ranges::minmax(values);
  if (std::isinf(max - min)) return encode_wide(values, bits, codes);
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
    // For a huge constant group zero_code is infinite and the scale 0: all is in the bias.
    if (zero_code != 0) scale = edge / zero_code;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const F code = scale == 0 ? 0 : std::nearbyint((values[i] - bias) / scale);
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
