#pragma once

namespace mlx::core::cuda {

// Whether this build has CUDA and the machine a device for it.
bool is_available();

}  // namespace mlx::core::cuda
