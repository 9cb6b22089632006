#include "mlx/distributed/distributed.h"

namespace mlx::core::distributed::ring {

bool is_available() { return false; }

float all_sum(float value) { return value; }

}  // namespace mlx::core::distributed::ring
