// Quantized matrices as the ops see them: rows of packed codes with their groups' scales, all
// contiguous.
#pragma once

#include <optional>

#include "floats.h"
#include "quant/mode.h"

namespace mlxport {

struct Layout {
  const Mode* mode;
  int group_size;
  int bits;
  std::size_t columns;  // of a row, in codes

  std::size_t groups() const { return columns / static_cast<std::size_t>(group_size); }
  std::size_t words_per_group() const { return static_cast<std::size_t>(group_size * bits / 32); }
  std::size_t words_per_row() const { return groups() * words_per_group(); }
};

struct Weights : Layout {
  const std::uint32_t* words;
  const std::uint8_t* scale_bytes;  // where the mode's scale is a byte
  ConstFloats scales;               // where it is not
  ConstFloats biases;
  std::optional<float> global_scale;
};

struct DecodedScale {
  double scale, bias;
};

// The scale of a group, counted over all rows. The global scale enters in float32, as in MLX.
DecodedScale decode_scale(const Weights& weights, std::size_t group);

// Reads the elements of a group, not yet scaled.
void decode_elements(const Weights& weights, std::size_t group, std::span<double> elements);

// Reads a row, `row.size() == columns`, without rounding.
void decode_row(const Weights& weights, std::size_t index, std::span<double> row);

}  // namespace mlxport
