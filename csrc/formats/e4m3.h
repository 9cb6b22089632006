// e4m3 (float8_e4m3fn): one byte, sign, 4 exponent bits, 3 mantissa bits, no infinity; 0x7f and
// 0xff are NaN. Rounded to nearest, ties to even. All that is larger than 448, infinity and NaN
// too, becomes 448 (0x7e) with its sign, as MLX does it: encoding never makes a NaN.
#pragma once

#include <limits>

#include "formats/minifloat.h"

namespace mlxport::e4m3 {

using Format = Minifloat<4, 3>;

inline constexpr double max = 448;
inline constexpr std::uint8_t nan = 0x7f;

inline std::uint8_t encode(double x) {
  const std::uint32_t sign = std::signbit(x) ? 0x80 : 0;
  const std::uint32_t size = std::isnan(x) ? 0x7e : std::min(Format::round(x), 0x7eu);
  return static_cast<std::uint8_t>(sign | size);
}

inline double decode(std::uint8_t bits) {
  const std::uint32_t size = bits & 0x7f;
  const double value = size == nan ? std::numeric_limits<double>::quiet_NaN() : Format::value(size);
  return bits >> 7 ? -value : value;
}

// The format as a template argument.
struct Element {
  static constexpr double max = e4m3::max;
  static std::uint8_t encode(double x) { return e4m3::encode(x); }
  static double decode(std::uint8_t bits) { return e4m3::decode(bits); }
};

}  // namespace mlxport::e4m3
