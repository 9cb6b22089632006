#include "mlx/backend/common/compiled.h"

#include <functional>

namespace mlx::core {

std::string kernel_name(const std::string& expression) {
  return "compiled_" + std::to_string(std::hash<std::string>{}(expression));
}

}  // namespace mlx::core
