// e8m0: one byte without a sign, the power of two 2^(byte - 127); 255 is NaN (as OCP MX has it; MLX
// reads it as infinity). There is no zero.
#pragma once

#include <limits>

#include "formats/minifloat.h"

namespace mlxport::e8m0 {

inline constexpr int min_exponent = -127, max_exponent = 127;
inline constexpr std::uint8_t nan = 255;

inline std::uint8_t encode(int exponent) { return static_cast<std::uint8_t>(exponent + 127); }

inline double decode(std::uint8_t byte) {
  return byte == nan ? std::numeric_limits<double>::quiet_NaN() : power_of_two(byte - 127);
}

}  // namespace mlxport::e8m0
