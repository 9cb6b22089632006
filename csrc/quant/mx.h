// What the OCP MX modes share: groups of 32 and one power of two (e8m0) as their scale, the
// smallest that brings the group's largest magnitude within the element format, which is MLX's rule
// since 0.32.2 and not OCP's. A group of zeros has the scale 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/e8m0.h"
#include "quant/mode.h"

namespace mlxport {

// The smallest e with ratio <= 2^e, for a positive ratio.
inline int ceil_log2(double ratio) {
  int exponent = 0;
  const double fraction = std::frexp(ratio, &exponent);  // in [0.5, 1)
  return fraction == 0.5 ? exponent - 1 : exponent;
}

// `Element` is a format of formats/: encode, decode, max.
template <class Element>
struct Mx {
  template <class F>
  static GroupScale<F> encode(std::span<const F> values, int, F, std::span<std::uint8_t> codes) {
    F largest = 0;
    for (const F value : values) largest = std::max(largest, std::abs(value));
    const F ratio = largest / static_cast<F>(Element::max);
    const int exponent =
        ratio == 0 ? 0 : std::clamp(ceil_log2(ratio), e8m0::min_exponent, e8m0::max_exponent);
    for (std::size_t i = 0; i < values.size(); ++i) {
      // The exact quotient: a power of two only moves the exponent of a double.
      codes[i] = Element::encode(values[i] * power_of_two(-exponent));
      // Near the end of float32 rounding up would make a finite weight infinite.
      while (std::abs(Element::decode(codes[i])) * power_of_two(exponent) >
             std::numeric_limits<float>::max()) {
        --codes[i];
      }
    }
    return {.byte = e8m0::encode(exponent)};
  }
};

template <class Element>
Mode mx_mode(std::string_view name, std::string_view element, int bits) {
  return {
      .name = name,
      .group_sizes = {32},
      .default_group_size = 32,
      .bits = {bits},
      .default_bits = bits,
      .element = {element, table(Element::decode)},
      .scale = {"e8m0", table(e8m0::decode), e8m0::nan},
      .has_biases = false,
      .global_divisor = 0,
      .encode_float = Mx<Element>::template encode<float>,
      .encode_double = Mx<Element>::template encode<double>,
  };
}

}  // namespace mlxport
