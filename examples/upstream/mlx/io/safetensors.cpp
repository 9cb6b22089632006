#include <cstdint>
#include <fstream>
#include <json.hpp>
#include <stdexcept>

#include "mlx/io/load.h"

namespace mlx::core::io {

std::vector<std::string> safetensors_names(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof(length));
  if (!file || length > 100'000'000) {
    throw std::runtime_error("[load] not a safetensors file: " + path);
  }
  std::string header(length, ' ');
  file.read(header.data(), static_cast<std::streamsize>(length));
  std::vector<std::string> names;
  for (const auto& item : nlohmann::json::parse(header).items()) {
    if (item.key() != "__metadata__") {
      names.push_back(item.key());
    }
  }
  return names;
}

}  // namespace mlx::core::io
