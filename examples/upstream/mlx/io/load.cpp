#include "mlx/io/load.h"

#include <stdexcept>

namespace mlx::core {

std::vector<std::string> array_names(const std::string& path) {
  const std::string suffix = path.substr(path.rfind('.') + 1);
  if (suffix == "gguf") {
    return io::gguf_names(path);
  }
  if (suffix == "safetensors") {
    return io::safetensors_names(path);
  }
  throw std::invalid_argument("[load] unknown format: " + path);
}

}  // namespace mlx::core
