#pragma once

#define MLX_VERSION_MAJOR 1
#define MLX_VERSION_MINOR 0
#define MLX_VERSION_PATCH 0

namespace mlx::core {

// "major.minor.patch"
const char* version();

}  // namespace mlx::core
