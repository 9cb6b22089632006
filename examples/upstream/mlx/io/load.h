#pragma once

#include <string>
#include <vector>

namespace mlx::core {

// The names of the arrays a file holds; its suffix tells the format.
std::vector<std::string> array_names(const std::string& path);

namespace io {

std::vector<std::string> gguf_names(const std::string& path);
std::vector<std::string> safetensors_names(const std::string& path);

}  // namespace io

}  // namespace mlx::core
