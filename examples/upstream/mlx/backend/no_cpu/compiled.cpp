#include <stdexcept>

#include "mlx/backend/common/compiled.h"

namespace mlx::core {

std::string compiled_source(const std::string&) {
  throw std::runtime_error("[compile] this build cannot compile expressions for the CPU");
}

}  // namespace mlx::core
