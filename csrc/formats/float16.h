// float16: IEEE 754 binary16. Two bytes in the machine's order: sign, 5 exponent bits, 10 mantissa
// bits. Rounded to nearest, ties to even; from 65520 on to infinity. Every NaN becomes the quiet
// NaN 0x7e00 with its sign.
#pragma once

#include <limits>

#include "formats/minifloat.h"

namespace mlxport::float16 {

using Format = Minifloat<5, 10>;

inline std::uint16_t encode(double x) {
  const std::uint32_t sign = std::signbit(x) ? 0x8000 : 0;
  const std::uint32_t size = std::isnan(x) ? 0x7e00 : std::min(Format::round(x), 0x7c00u);
  return static_cast<std::uint16_t>(sign | size);
}

inline double decode(std::uint16_t bits) {
  const std::uint32_t size = bits & 0x7fff;
  double value = Format::value(size);
  if (size >= 0x7c00) {
    value = size > 0x7c00 ? std::numeric_limits<double>::quiet_NaN()
                          : std::numeric_limits<double>::infinity();
  }
  return bits >> 15 ? -value : value;
}

}  // namespace mlxport::float16
