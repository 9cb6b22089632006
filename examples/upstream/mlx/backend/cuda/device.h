#pragma once

namespace mlx::core::cuda {

int device_count();

}  // namespace mlx::core::cuda
