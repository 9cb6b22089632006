#pragma once

#include "quant/weights.h"

namespace mlxport {

// A stack of dense matrices of `rows` x `columns`.
struct Matrices {
  ConstFloats data;
  std::size_t rows, columns;
};

// For each i: out[i] = x[lhs[i]] * W[rhs[i]]^T, or without the transposition if `transpose` is
// false. A W has `weight_rows` rows; out[i] has x.rows rows and weight_rows (or weights.columns)
// columns. Rounded once; a row of the result does not depend on the other rows of the call. Here is
// the choice of the kernel: the vector kernel, which sums in float32, or the scalar one, which sums
// in double and takes every mode and type.
void quantized_matmul(const Matrices& x, const Weights& weights, std::size_t weight_rows,
                      bool transpose, std::span<const std::int64_t> lhs,
                      std::span<const std::int64_t> rhs, Floats out);

}  // namespace mlxport
