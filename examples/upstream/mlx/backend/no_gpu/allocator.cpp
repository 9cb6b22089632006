#include "mlx/allocator.h"

#include <cstdlib>
#include <new>

namespace mlx::core::allocator {

void* malloc(std::size_t bytes) {
  void* memory = std::malloc(bytes ? bytes : 1);
  return memory ? memory : throw std::bad_alloc();
}

void free(void* memory) { std::free(memory); }

}  // namespace mlx::core::allocator
