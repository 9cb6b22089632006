#include "ops/dequantize.h"

#include <cmath>

namespace mlxport {
namespace {

// Adds the bias to a product, each step rounded to its type.
double with_bias(double product, double bias, DType product_dtype, DType sum_dtype) {
  const double narrow = rounded(product_dtype, product);
  // code * scale can be too large for float16 although the value is not: keep it unrounded then.
  return rounded(sum_dtype, (std::isfinite(narrow) ? narrow : product) + bias);
}

}  // namespace

void dequantize(const Weights& weights, std::size_t rows, Floats to) {
  const DType sum_dtype = promoted(weights.scales.dtype, weights.biases.dtype);
  const auto size = static_cast<std::size_t>(weights.group_size);
  std::array<double, max_group_size> buffer;
  const std::span<double> values(buffer.data(), size);
  for (std::size_t group = 0; group < rows * weights.groups(); ++group) {
    const auto [scale, bias] = decode_scale(weights, group);
    decode_elements(weights, group, values);
    for (double& value : values) {
      value *= scale;
      if (weights.mode->has_biases) {
        value = with_bias(value, bias, weights.scales.dtype, sum_dtype);
      }
    }
    store(values, to, group * size);
  }
}

}  // namespace mlxport
