#include <algorithm>
#include <cstddef>

#include "mlx/backend/cpu/kernels.h"

namespace mlx::core::cpu {

void matmul(const array& a, const array& b, array& out) {
  const std::size_t m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
  std::fill_n(out.data(), m * n, 0.0f);
  // The innermost loop runs along rows of both, so the compiler can use vectors.
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const float scale = a.data()[i * k + j];
      for (std::size_t l = 0; l < n; ++l) {
        out.data()[i * n + l] += scale * b.data()[j * n + l];
      }
    }
  }
}

}  // namespace mlx::core::cpu
