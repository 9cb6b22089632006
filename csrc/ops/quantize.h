#pragma once

#include <optional>

#include "quant/weights.h"

namespace mlxport {

enum class Nonfinite { error, propagate };

struct Quantized {
  std::uint32_t* words;
  std::uint8_t* scale_bytes;  // where the mode's scale is a byte
  Floats scales;              // where it is not: of the type of the weights
  Floats biases;
};

// A group that cannot be quantized: it holds NaN or infinity, or its scale does not fit its type.
struct BadGroup {
  std::size_t row, group;
  bool finite;
};

// Quantizes `rows` rows. With Nonfinite::error it stops at the first bad group and returns it; with
// Nonfinite::propagate such a group reads as NaN.
std::optional<BadGroup> quantize(const Layout& layout, ConstFloats weights, std::size_t rows,
                                 std::optional<float> global_scale, Nonfinite nonfinite,
                                 const Quantized& to);

}  // namespace mlxport
