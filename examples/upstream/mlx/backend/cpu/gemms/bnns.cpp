#include <Accelerate/Accelerate.h>

#include "mlx/backend/cpu/kernels.h"

namespace mlx::core::cpu {

void matmul(const array& a, const array& b, array& out) {
  const int m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a.data(), k, b.data(), n,
              0.0f, out.data(), n);
}

}  // namespace mlx::core::cpu
