#include "mlx/allocator.h"

#include <cuda_runtime_api.h>

#include <new>

namespace mlx::core::allocator {

void* malloc(std::size_t bytes) {
  void* memory = nullptr;
  if (cudaMallocManaged(&memory, bytes ? bytes : 1, cudaMemAttachGlobal) != cudaSuccess) {
    throw std::bad_alloc();
  }
  return memory;
}

void free(void* memory) { cudaFree(memory); }

}  // namespace mlx::core::allocator
