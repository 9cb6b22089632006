#pragma once

#include "quant/weights.h"

namespace mlxport {

// Reads `rows` rows. A value with a bias is rounded as MLX does it: the product to the type of the
// scales, the sum to the type that scales and biases promote to, and last to the type of `to`;
// without one it is rounded once.
void dequantize(const Weights& weights, std::size_t rows, Floats to);

}  // namespace mlxport
