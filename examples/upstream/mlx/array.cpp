#include "mlx/array.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "mlx/allocator.h"
#include "mlx/backend/common/utils.h"

namespace mlx::core {

array::array(Shape shape)
    : shape_(std::move(shape)),
      size_(size_of(shape_)),
      memory_(static_cast<float*>(allocator::malloc(size_ * sizeof(float))), allocator::free) {}

array::array(const std::vector<float>& values, Shape shape) : array(std::move(shape)) {
  if (values.size() != size_) {
    throw std::invalid_argument("[array] the shape does not hold that many values");
  }
  std::copy(values.begin(), values.end(), data());
}

}  // namespace mlx::core
