// bfloat16: the upper half of a float32. Two bytes in the machine's order: sign, 8 exponent bits,
// 7 mantissa bits. Rounded to nearest, ties to even; past the largest to infinity. Every NaN
// becomes the quiet NaN 0x7fc0 with its sign.
#pragma once

#include "formats/minifloat.h"

namespace mlxport::bfloat16 {

using Format = Minifloat<8, 7>;

inline std::uint16_t encode(double x) {
  const std::uint32_t sign = std::signbit(x) ? 0x8000 : 0;
  const std::uint32_t size = std::isnan(x) ? 0x7fc0 : std::min(Format::round(x), 0x7f80u);
  return static_cast<std::uint16_t>(sign | size);
}

inline double decode(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace mlxport::bfloat16
