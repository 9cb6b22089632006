// e2m1: four bits, sign, 2 exponent bits, 1 mantissa bit; the values 0, 0.5, 1, 1.5, 2, 3, 4, 6 and
// their negatives. Rounded to nearest, ties to the even code, the sign kept also where the rest is
// zero. All that is larger than 6, infinity and NaN too, becomes 6 with its sign.
#pragma once

#include "formats/minifloat.h"

namespace mlxport::e2m1 {

using Format = Minifloat<2, 1>;

inline constexpr double max = 6;

inline std::uint8_t encode(double x) {
  const std::uint32_t sign = std::signbit(x) ? 8 : 0;
  const std::uint32_t size = std::isnan(x) ? 7 : std::min(Format::round(x), 7u);
  return static_cast<std::uint8_t>(sign | size);
}

inline double decode(std::uint8_t bits) {
  const double value = Format::value(bits & 7u);
  return bits & 8 ? -value : value;
}

// The format as a template argument.
struct Element {
  static constexpr double max = e2m1::max;
  static std::uint8_t encode(double x) { return e2m1::encode(x); }
  static double decode(std::uint8_t bits) { return e2m1::decode(bits); }
};

}  // namespace mlxport::e2m1
