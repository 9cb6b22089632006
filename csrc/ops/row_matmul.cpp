#include "ops/row_matmul.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "cpu/threads.h"
#include "kernels/convert.h"

namespace mlxport {
namespace {

// Rows of x that are prepared at once.
inline constexpr std::size_t block = 32;

// Bytes of weights a thread takes at a time.
inline constexpr std::size_t piece_bytes = 1 << 16;

// The rows of weights of one product, and where its results go.
class Product {
 public:
  Product(const RowKernel& kernel, const RowFormat& format, const Weights& weights)
      : kernel_(kernel), format_(format), weights_(weights) {
    const ScaleFormat& scale = weights.mode->scale;
    const float factor =
        weights.global_scale ? *weights.global_scale / weights.mode->global_divisor : 1;
    for (std::size_t byte = 0; scale.is_byte() && byte < scale_table_.size(); ++byte) {
      scale_table_[byte] = static_cast<float>(scale.values[byte]) * factor * format.unit;
    }
  }

  // out[m * stride + n] for rows n in [begin, end) of the weights, which start at `first`.
  void run(const Activations& x, ConstFloats dense, std::size_t dense_offset, std::size_t first,
           std::size_t begin, std::size_t end, Floats out, std::size_t out_offset,
           std::size_t stride) const {
    constexpr std::size_t columns = RowOperands::max_columns;
    const std::size_t count = end - begin;
    Aligned<float> scales(columns * x.padded_groups()), biases(columns * x.padded_groups());
    std::vector<float> results(x.rows * count);
    RowOperands operands{&x, format_.table.data(), {}, weights_.words_per_row() * 4, {}, {}};
    for (std::size_t n = begin; n < end; n += columns) {
      const std::size_t width = std::min(columns, end - n);
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t row = first + n + i;
        operands.codes[i] = reinterpret_cast<const std::uint8_t*>(weights_.words) +
                            row * weights_.words_per_row() * 4;
        float* const scale = scales.data() + i * x.padded_groups();
        float* const bias = biases.data() + i * x.padded_groups();
        operands.scales[i] = scale;
        operands.biases[i] = weights_.mode->has_biases ? bias : nullptr;
        decode(row, {scale, x.groups}, {bias, x.groups});
      }
      multiply(operands, width, x.rows, results.data() + (n - begin), count);
    }
    for (std::size_t m = 0; m < x.rows; ++m) {
      const std::span row = std::span(results).subspan(m * count, count);
      for (std::size_t n = 0; n < count; ++n) {
        if (!std::isfinite(row[n])) {
          row[n] = scalar(dense, dense_offset + m * x.columns, first + begin + n);
        }
      }
      narrow(row, out, out_offset + m * stride + begin);
    }
  }

 private:
  // The scales times the unit of the elements, and the biases.
  void decode(std::size_t row, std::span<float> scales, std::span<float> biases) const {
    const std::size_t group = row * weights_.groups();
    if (weights_.mode->scale.is_byte()) {
      kernel_.look_up(scale_table_.data(), weights_.scale_bytes + group, scales);
    } else {
      widen(weights_.scales, group, scales);
      for (float& scale : scales) scale *= format_.unit;
    }
    if (weights_.mode->has_biases) widen(weights_.biases, group, biases);
  }

  void multiply(const RowOperands& operands, std::size_t width, std::size_t rows, float* results,
                std::size_t stride) const {
    std::array<float, 4 * RowOperands::max_columns> out;
    for (std::size_t m = 0; m < rows;) {
      const std::size_t log = rows - m >= 4 ? 2 : rows - m >= 2 ? 1 : 0;
      const std::size_t height = std::size_t{1} << log;
      kernel_.multiply[log][width - 1](operands, m, out.data());
      for (std::size_t i = 0; i < height; ++i) {
        std::copy_n(out.data() + i * width, width, results + (m + i) * stride);
      }
      m += height;
    }
  }

  // For NaN and infinity in either operand, and sums that leave float32 on the way.
  float scalar(ConstFloats dense, std::size_t offset, std::size_t row) const {
    std::vector<double> x(weights_.columns), w(weights_.columns);
    load<double>(dense, offset, x);
    decode_row(weights_, row, w);
    return static_cast<float>(std::inner_product(x.begin(), x.end(), w.begin(), 0.0));
  }

  const RowKernel& kernel_;
  const RowFormat& format_;
  const Weights& weights_;
  std::array<float, 256> scale_table_{};
};

}  // namespace

void row_matmul(const RowKernel& kernel, const RowFormat& format, const Matrices& x,
                const Weights& weights, std::size_t weight_rows, std::span<const std::int64_t> lhs,
                std::span<const std::int64_t> rhs, Floats out) {
  const Product product(kernel, format, weights);
  const auto group_size = static_cast<std::size_t>(weights.group_size);
  const std::size_t row_bytes = std::max<std::size_t>(weights.words_per_row() * 4, 1);
  const std::size_t grain =
      RowOperands::max_columns *
      std::max<std::size_t>(piece_bytes / row_bytes / RowOperands::max_columns, 1);
  for (std::size_t i = 0; i < lhs.size(); ++i) {
    const std::size_t first_weight = static_cast<std::size_t>(rhs[i]) * weight_rows;
    for (std::size_t start = 0; start < x.rows; start += block) {
      const std::size_t rows = std::min(block, x.rows - start);
      const std::size_t offset = (static_cast<std::size_t>(lhs[i]) * x.rows + start) * x.columns;
      const Activations activations(x.data, offset, rows, x.columns, group_size, kernel.shape,
                                    format.offset);
      const std::size_t to = (i * x.rows + start) * weight_rows;
      parallel_for(weight_rows, grain, [&](std::size_t begin, std::size_t end) {
        product.run(activations, x.data, offset, first_weight, begin, end, out, to, weight_rows);
      });
    }
  }
}

}  // namespace mlxport
