#include <cstdint>
#include <fstream>
#include <stdexcept>

#include "mlx/io/load.h"

namespace mlx::core::io {

std::vector<std::string> gguf_names(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  struct {
    char magic[4];
    std::uint32_t version;
    std::uint64_t tensors, metadata;
  } header{};
  file.read(reinterpret_cast<char*>(&header), sizeof(header));
  if (!file || std::string(header.magic, 4) != "GGUF" || header.metadata != 0) {
    throw std::runtime_error("[load] not a GGUF file without metadata: " + path);
  }
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < header.tensors; ++i) {
    std::uint64_t length = 0;
    std::uint32_t dimensions = 0;
    file.read(reinterpret_cast<char*>(&length), sizeof(length));
    if (!file || length > 64) {
      throw std::runtime_error("[load] a tensor's name is cut off: " + path);
    }
    std::string name(length, ' ');
    file.read(name.data(), static_cast<std::streamsize>(length));
    file.read(reinterpret_cast<char*>(&dimensions), sizeof(dimensions));
    // Its lengths, type and offset follow.
    file.seekg(8 * static_cast<std::streamoff>(dimensions) + 12, std::ios::cur);
    names.push_back(name);
  }
  return names;
}

}  // namespace mlx::core::io
