#pragma once

namespace mlx::core::cuda {

// out (m, n) = a (m, k) times b (k, n), all row-major and on the device.
void gemm(const float* a, const float* b, float* out, int m, int k, int n);

}  // namespace mlx::core::cuda
