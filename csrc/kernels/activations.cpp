#include "kernels/activations.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "formats/minifloat.h"
#include "kernels/convert.h"
#include "kernels/targets.h"
#include "quant/mode.h"

namespace mlxport {
namespace {

inline constexpr std::size_t digit_count = 3;
// The largest integer whose first digit is at most 127.
inline constexpr float largest = 127 * 65536;

// The exponent e with size * 2^e in (largest / 2, largest].
int exponent_of(float size) {
  int exponent = 0;
  const float fraction = std::frexp(size, &exponent);  // in [0.5, 1)
  return std::ldexp(fraction, 23) <= largest ? 23 - exponent : 22 - exponent;
}

// What the kernels read e4m3 numbers divided by; x makes up for it, so that nothing small is lost.
inline constexpr float float8_divisor = 256;

struct Digits {
  std::int32_t integers[max_group_size];
  std::int8_t of[digit_count][max_group_size];
};

// Returns the sum of the integers. Only the vector kernels ask for digits, so their instructions
// are there; without them each rounding is a call.
MLXPORT_AVX2 std::int32_t split(std::span<const float> values, int exponent, Digits& digits) {
  // In two steps: 2^exponent alone can be beyond float32.
  const auto first = static_cast<float>(power_of_two(exponent / 2));
  const auto second = static_cast<float>(power_of_two(exponent - exponent / 2));
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto q = static_cast<std::int32_t>(std::rint(values[i] * first * second));
    const auto d2 = static_cast<std::int8_t>(q);
    const std::int32_t rest = (q - d2) >> 8;
    const auto d1 = static_cast<std::int8_t>(rest);
    digits.of[0][i] = static_cast<std::int8_t>((rest - d1) >> 8);
    digits.of[1][i] = d1;
    digits.of[2][i] = d2;
    digits.integers[i] = q;
    sum += q;
  }
  return sum;
}

template <std::size_t Planes>
MLXPORT_AVX2 void scatter(const std::int8_t* digits, std::size_t count, std::size_t plane_bytes,
                          std::uint8_t* to) {
  for (std::size_t plane = 0; plane < Planes; ++plane) {
    for (std::size_t i = 0; i < count / Planes; ++i) {
      to[plane * plane_bytes + i] = static_cast<std::uint8_t>(digits[i * Planes + plane]);
    }
  }
}

}  // namespace

Activations::Activations(ConstFloats from, std::size_t first, std::size_t row_count,
                         std::size_t column_count, std::size_t size, const BlockShape& block,
                         int element_offset)
    : rows(row_count),
      columns(column_count),
      group_size(size),
      groups(column_count / size),
      blocks((column_count + block.codes - 1) / block.codes),
      shape(block),
      data_(row_count * blocks * block.activation_bytes()),
      lane_scales_(block.digits ? row_count * blocks * block.lanes : 0),
      lane_offsets_(element_offset != 0 ? row_count * blocks * block.lanes : 0),
      sums_(row_count * padded(column_count / size)),
      element_offset_(element_offset) {
  std::vector<float> values(columns);
  for (std::size_t row = 0; row < rows; ++row) {
    widen(from, first + row * columns, values);
    if (!shape.digits && columns > 0) {
      for (float& value : values) value *= float8_divisor;
      std::memcpy(data_.data() + row * row_bytes(), values.data(), columns * sizeof(float));
    }
    for (std::size_t group = 0; shape.digits && group < groups; ++group) {
      split_group(std::span(values).subspan(group * group_size, group_size), row, group);
    }
  }
}

void Activations::split_group(std::span<const float> values, std::size_t row, std::size_t group) {
  // As integers, which compilers compare in vectors, magnitudes are ordered in the same way.
  std::int32_t largest_bits = 0;
  for (const float value : values) {
    largest_bits = std::max(largest_bits, std::bit_cast<std::int32_t>(value) & 0x7fffffff);
  }
  const auto size = std::bit_cast<float>(largest_bits);

  const std::size_t lane_codes = shape.codes / shape.lanes;
  float* const scales = lane_scales_.data() + row * blocks * shape.lanes;
  float* const first_lane = scales + group * group_size / lane_codes;
  double& sum = sums_.data()[row * padded_groups() + group];
  if (!std::isfinite(size)) {
    sum = std::numeric_limits<double>::quiet_NaN();
    std::fill_n(first_lane, group_size / lane_codes, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  if (size == 0) return;
  // Beyond 149 the power of two of the digits is no float32; up to it denormals are exact.
  const int exponent = std::min(exponent_of(size), 149);
  Digits digits;
  const std::int32_t total = split(values, exponent, digits);
  const double scale = power_of_two(-exponent);
  sum = total * scale;
  std::fill_n(first_lane, group_size / lane_codes, static_cast<float>(scale));

  if (element_offset_ != 0) {
    std::int32_t* const offsets =
        lane_offsets_.data() + row * blocks * shape.lanes + group * group_size / lane_codes;
    for (std::size_t i = 0; i < group_size; ++i) {
      offsets[i / lane_codes] += element_offset_ * digits.integers[i];
    }
  }

  // A group is a part of a block, or the other way round.
  const std::size_t part = std::min(group_size, shape.codes);
  const std::size_t plane_bytes = shape.codes / shape.planes;
  for (std::size_t start = 0; start < group_size; start += part) {
    const std::size_t column = group * group_size + start;
    std::uint8_t* const block =
        data_.data() + row * row_bytes() + column / shape.codes * shape.activation_bytes();
    for (std::size_t digit = 0; digit < digit_count; ++digit) {
      std::uint8_t* const to = block + digit * shape.codes + column % shape.codes / shape.planes;
      const std::int8_t* const source = digits.of[digit] + start;
      switch (shape.planes) {
        case 1:
          std::memcpy(to, source, part);
          break;
        case 2:
          scatter<2>(source, part, plane_bytes, to);
          break;
        case 4:
          scatter<4>(source, part, plane_bytes, to);
          break;
        default:
          scatter<8>(source, part, plane_bytes, to);
      }
    }
  }
}

}  // namespace mlxport
