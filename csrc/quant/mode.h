// What a quantization mode is. Each file of this folder that registers one adds it to the library:
// the ops, the checks, the error messages and the tests are driven by the description alone.
//
// A quantized value is element(code) * scale (+ bias): the codes of a row lie in a bit stream
// (bitstream.h), and each group of consecutive codes shares a scale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mlxport {

inline constexpr int max_group_size = 128;

// How a code reads.
struct ElementFormat {
  std::string_view name;
  std::array<double, 256> values{};  // by code; a format of b bits uses the first 2^b
};

// How a group's scale is stored. Without `values` it has the floating-point type of the weights.
struct ScaleFormat {
  std::string_view name;
  std::array<double, 256> values{};  // by byte
  std::uint8_t nan = 0;              // the byte that reads as NaN

  bool is_byte() const { return !name.empty(); }
};

// A group's scale and bias, computed but not yet rounded to the type they are stored in.
template <class F>
struct GroupScale {
  F scale = 0;
  F bias = 0;
  std::uint8_t byte = 0;  // the stored scale where ScaleFormat::is_byte
};

// Quantizes the finite values of one group, in the arithmetic of F: float, or double for float64
// weights. `tensor_factor` is global_divisor / global_scale (1 without one).
template <class F>
using Encode = GroupScale<F> (*)(std::span<const F> values, int bits, F tensor_factor,
                                 std::span<std::uint8_t> codes);

struct Mode {
  std::string_view name;
  std::vector<int> group_sizes;
  int default_group_size;
  std::vector<int> bits;
  int default_bits;
  ElementFormat element;
  ScaleFormat scale;
  bool has_biases;
  float global_divisor;  // global_scale / this scales the whole tensor; 0: the mode has none
  Encode<float> encode_float;
  Encode<double> encode_double;

  template <class F>
  Encode<F> encode() const {
    if constexpr (sizeof(F) == sizeof(float)) {
      return encode_float;
    } else {
      return encode_double;
    }
  }
};

// The registered modes, by name.
const std::vector<Mode>& modes();

// The mode of that name, or null.
const Mode* find_mode(std::string_view name);

// The table of a format from its decoding function.
template <class Decode>
std::array<double, 256> table(Decode decode) {
  std::array<double, 256> values{};
  for (unsigned code = 0; code < values.size(); ++code) {
    values[code] = decode(static_cast<std::uint8_t>(code));
  }
  return values;
}

// A constant of this type, at namespace scope, registers a mode.
struct Registration {
  explicit Registration(Mode mode);
};

}  // namespace mlxport
