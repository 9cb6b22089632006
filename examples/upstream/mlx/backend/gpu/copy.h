#pragma once

#include <cstddef>

#include "mlx/array.h"

namespace mlx::core::gpu {

void copy(const array& in, array& out);

// Written by each GPU backend.
void copy_contiguous(const float* in, float* out, std::size_t size);
float sum(const float* in, std::size_t size);

}  // namespace mlx::core::gpu
