// Rounding to binary floating-point formats narrower than double: one sign bit, `Exponent` bits,
// `Mantissa` bits, bias 2^(Exponent-1) - 1, gradual underflow. A code without its sign is the
// exponent field followed by the mantissa, so codes are ordered as their values are. What a format
// does with overflow, infinity and NaN is its own.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace mlxport {

// 2^exponent for -1022 <= exponent <= 1023.
inline double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

template <int Exponent, int Mantissa>
struct Minifloat {
  static constexpr int bias = (1 << (Exponent - 1)) - 1;
  static constexpr int min_exponent = 1 - bias;
  static constexpr std::uint32_t beyond = 0x7fffffff;

  // The code of |x|, to nearest, ties to even; x is not NaN. Where |x| is too large the code is
  // one above the largest, as if the exponent field were wider, or `beyond`.
  static std::uint32_t round(double x) {
    const double size = std::fabs(x);
    const int exponent =
        std::max(static_cast<int>(std::bit_cast<std::uint64_t>(size) >> 52) - 1023, min_exponent);
    if (exponent > bias + 1) return beyond;
    const double quanta = std::nearbyint(size * power_of_two(Mantissa - exponent));
    return static_cast<std::uint32_t>(quanta) +
           (static_cast<std::uint32_t>(exponent - min_exponent) << Mantissa);
  }

  // The value of a code without its sign, every exponent field read as a number.
  static double value(std::uint32_t code) {
    const int field = static_cast<int>(code >> Mantissa);
    const std::uint32_t fraction = code & ((1u << Mantissa) - 1);
    const std::uint32_t quanta = field == 0 ? fraction : fraction + (1u << Mantissa);
    return quanta * power_of_two(std::max(field, 1) - bias - Mantissa);
  }
};

}  // namespace mlxport
