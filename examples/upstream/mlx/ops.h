#pragma once

#include "mlx/array.h"

namespace mlx::core {

array add(const array& a, const array& b);
array multiply(const array& a, const array& b);
array sum(const array& a);

// The product of two matrices.
array matmul(const array& a, const array& b);

// A copy that shares no memory with `a`.
array copy(const array& a);

}  // namespace mlx::core
