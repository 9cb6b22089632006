#include "mlx/backend/cuda/cuda.h"

namespace mlx::core::cuda {

bool is_available() { return false; }

}  // namespace mlx::core::cuda
