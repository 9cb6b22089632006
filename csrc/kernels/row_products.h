// Products of a few rows of x with rows of quantized weights, by vectors.
#pragma once

#include "kernels/activations.h"
#include "kernels/row_format.h"

namespace mlxport {

// One call's worth: `Columns` consecutive rows of weights against some rows of x.
struct RowOperands {
  static constexpr std::size_t max_columns = 2;

  const Activations* x;
  const std::uint8_t* table;  // of Elements::table, 16 bytes
  std::array<const std::uint8_t*, max_columns> codes;
  std::size_t row_bytes;                         // of a row of codes
  std::array<const float*, max_columns> scales;  // in float32, padded as Activations' sums are
  std::array<const float*, max_columns> biases;  // null where there are none
};

// Multiplies rows [first, first + Rows) of x; out[row * Columns + column]. Each number is computed
// in the same order whatever Rows and Columns are.
using MultiplyRows = void (*)(const RowOperands& operands, std::size_t first, float* out);

struct RowKernel {
  BlockShape shape;
  // By log2 of Rows (1, 2, 4) and by Columns - 1.
  std::array<std::array<MultiplyRows, RowOperands::max_columns>, 3> multiply;
  // to[i] = table[bytes[i]]
  void (*look_up)(const float* table, const std::uint8_t* bytes, std::span<float> to);
};

// The kernel of the active instruction set, or null for the scalar one.
const RowKernel* row_kernel(const RowFormat& format);

}  // namespace mlxport
