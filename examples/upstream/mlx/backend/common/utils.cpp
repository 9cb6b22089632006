#include "mlx/backend/common/utils.h"

#include <stdexcept>

namespace mlx::core {

std::size_t size_of(const Shape& shape) {
  std::size_t size = 1;
  for (int length : shape) {
    if (length < 0) {
      throw std::invalid_argument("[array] a length is negative");
    }
    size *= static_cast<std::size_t>(length);
  }
  return size;
}

std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(shape[axis]);
  }
  return strides;
}

}  // namespace mlx::core
