#pragma once

#include <Metal/Metal.hpp>
#include <string>

namespace mlx::core::metal {

MTL::Device* device();

// The pipeline of the kernel of this name.
MTL::ComputePipelineState* pipeline(const std::string& name);

// Run a kernel of `threads` threads over the buffers and wait for it.
void run(const std::string& name, const float* in, float* out, unsigned size, unsigned threads);

}  // namespace mlx::core::metal
