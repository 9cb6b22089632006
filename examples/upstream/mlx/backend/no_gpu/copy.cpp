#include "mlx/backend/gpu/copy.h"

#include <stdexcept>

namespace mlx::core::gpu {

void copy(const array&, array&) { throw std::runtime_error("this build has no GPU backend"); }

}  // namespace mlx::core::gpu
