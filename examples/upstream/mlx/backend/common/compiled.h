#pragma once

#include <string>

namespace mlx::core {

// The name under which a fused expression is cached.
std::string kernel_name(const std::string& expression);

// C++ source of a function that evaluates `expression` element by element.
std::string compiled_source(const std::string& expression);

}  // namespace mlx::core
