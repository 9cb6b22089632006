#pragma once

#include <cstddef>

#include "mlx/array.h"

namespace mlx::core {

// The number of elements an array of this shape has.
std::size_t size_of(const Shape& shape);

// Row-major strides, in elements.
std::vector<std::size_t> strides_of(const Shape& shape);

}  // namespace mlx::core
