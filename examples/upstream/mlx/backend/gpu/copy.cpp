#include "mlx/backend/gpu/copy.h"

namespace mlx::core::gpu {

void copy(const array& in, array& out) {
  if (in.size() > 0) {
    copy_contiguous(in.data(), out.data(), in.size());
  }
}

}  // namespace mlx::core::gpu
