namespace mlx::core::metal {
const char* defines() {
  return R"kernel(

#include <metal_stdlib>

using namespace metal;
)kernel";
}
}  // namespace mlx::core::metal
