#include "ops/quantized_matmul.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "cpu/isa.h"
#include "ops/row_matmul.h"

namespace mlxport {
namespace {

// Rows of x that share one decoding of the weights.
inline constexpr std::size_t block = 32;

// result[i, n] = sum over k of x[i, k] * W[n, k]
void multiply_transposed(const std::vector<double>& x, std::size_t rows, const Weights& weights,
                         std::size_t first_row, std::size_t weight_rows,
                         std::vector<double>& result) {
  const std::size_t inner = weights.columns;
  std::vector<double> weight(inner);
  for (std::size_t n = 0; n < weight_rows; ++n) {
    decode_row(weights, first_row + n, weight);
    for (std::size_t i = 0; i < rows; ++i) {
      const double* row = x.data() + i * inner;
      result[i * weight_rows + n] = std::inner_product(row, row + inner, weight.begin(), 0.0);
    }
  }
}

// result[i, n] = sum over k of x[i, k] * W[k, n]
void multiply(const std::vector<double>& x, std::size_t rows, const Weights& weights,
              std::size_t first_row, std::size_t weight_rows, std::vector<double>& result) {
  std::vector<double> weight(weights.columns);
  std::ranges::fill(result, 0.0);
  for (std::size_t k = 0; k < weight_rows; ++k) {
    decode_row(weights, first_row + k, weight);
    for (std::size_t i = 0; i < rows; ++i) {
      const double factor = x[i * weight_rows + k];
      double* row = result.data() + i * weights.columns;
      for (std::size_t n = 0; n < weights.columns; ++n) row[n] += factor * weight[n];
    }
  }
}

}  // namespace

void quantized_matmul(const Matrices& x, const Weights& weights, std::size_t weight_rows,
                      bool transpose, std::span<const std::int64_t> lhs,
                      std::span<const std::int64_t> rhs, Floats out) {
  const auto format = row_format(weights.mode->element, weights.bits);
  const RowKernel* kernel = nullptr;
  if (transpose && format && out.dtype != DType::float64) kernel = row_kernel(*format);
  note_kernel("quantized_matmul", kernel == nullptr ? Isa::scalar : active_isa());
  if (kernel != nullptr) {
    row_matmul(*kernel, *format, x, weights, weight_rows, lhs, rhs, out);
    return;
  }

  const std::size_t columns = transpose ? weight_rows : weights.columns;
  std::vector<double> input, result;
  for (std::size_t i = 0; i < lhs.size(); ++i) {
    const std::size_t first_input = static_cast<std::size_t>(lhs[i]) * x.rows;
    const std::size_t first_weight = static_cast<std::size_t>(rhs[i]) * weight_rows;
    for (std::size_t start = 0; start < x.rows; start += block) {
      const std::size_t rows = std::min(block, x.rows - start);
      input.resize(rows * x.columns);
      result.resize(rows * columns);
      load<double>(x.data, (first_input + start) * x.columns, input);
      (transpose ? multiply_transposed : multiply)(input, rows, weights, first_weight, weight_rows,
                                                   result);
      store(result, out, (i * x.rows + start) * columns);
    }
  }
}

}  // namespace mlxport
