#pragma once

#include "kernels/row_products.h"
#include "ops/quantized_matmul.h"

namespace mlxport {

// quantized_matmul with the transposition, by the vector kernel: exact products, sums in float32,
// on several threads. A number does not depend on the rows beside it nor on the threads.
void row_matmul(const RowKernel& kernel, const RowFormat& format, const Matrices& x,
                const Weights& weights, std::size_t weight_rows, std::span<const std::int64_t> lhs,
                std::span<const std::int64_t> rhs, Floats out);

}  // namespace mlxport
