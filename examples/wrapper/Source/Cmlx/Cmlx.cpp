#include "include/Cmlx.h"

#include <vector>

#include "mlx/mlx.h"

const char* cmlx_version(void) { return mlx::core::version(); }

float cmlx_sum(const float* values, int size) {
  const mlx::core::array a(std::vector<float>(values, values + size), {size});
  return mlx::core::sum(a).data()[0];
}
