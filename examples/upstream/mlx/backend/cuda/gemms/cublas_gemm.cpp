#include "mlx/backend/cuda/gemms/cublas_gemm.h"

#include <cublas_v2.h>

namespace mlx::core::cuda {

void gemm(const float* a, const float* b, float* out, int m, int k, int n) {
  static cublasHandle_t handle = [] {
    cublasHandle_t created = nullptr;
    cublasCreate(&created);
    return created;
  }();
  // cuBLAS is column-major: the transposed product takes its factors in reverse.
  const float one = 1, zero = 0;
  cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, &one, b, n, a, k, &zero, out, n);
}

}  // namespace mlx::core::cuda
