#include "mlx/backend/metal/metal.h"

namespace mlx::core::metal {

bool is_available() { return false; }

}  // namespace mlx::core::metal
