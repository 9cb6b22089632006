#include "mlx/distributed/distributed.h"

namespace mlx::core::distributed::mpi {

bool is_available() { return false; }

}  // namespace mlx::core::distributed::mpi
