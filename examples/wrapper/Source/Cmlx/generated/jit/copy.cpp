namespace mlx::core::metal {
const char* copy() {
  return R"kernel(


kernel void copy(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                 uint index [[thread_position_in_grid]]) {
  out[index] = in[index];
}
)kernel";
}
}  // namespace mlx::core::metal
