#pragma once

#include <cstddef>

// Memory that the device of this build can read.
namespace mlx::core::allocator {

void* malloc(std::size_t bytes);
void free(void* memory);

}  // namespace mlx::core::allocator
