const char* get_kernel_preamble() {
  return R"preamble(

#include <cmath>
#include <cstddef>

static inline float relu(float x) { return x > 0 ? x : 0; }
)preamble";
}
