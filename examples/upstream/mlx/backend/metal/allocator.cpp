#include "mlx/allocator.h"

#include <cstdlib>
#include <new>

namespace mlx::core::allocator {

void* malloc(std::size_t bytes) {
  // Metal shares memory with the CPU in whole pages.
  constexpr std::size_t page = 16384;
  void* memory = std::aligned_alloc(page, (bytes / page + 1) * page);
  return memory ? memory : throw std::bad_alloc();
}

void free(void* memory) { std::free(memory); }

}  // namespace mlx::core::allocator
