#include "mlx/backend/cuda/cuda.h"

#include "mlx/backend/cuda/device.h"

namespace mlx::core::cuda {

bool is_available() { return device_count() > 0; }

}  // namespace mlx::core::cuda
