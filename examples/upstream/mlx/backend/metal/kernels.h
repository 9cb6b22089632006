#pragma once

// Kernel sources, written by make_jit_source.sh.
namespace mlx::core::metal {

const char* defines();
const char* copy();

}  // namespace mlx::core::metal
