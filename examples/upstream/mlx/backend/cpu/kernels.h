#pragma once

#include "mlx/array.h"

// The loops behind the operations; shapes are checked by the caller.
namespace mlx::core::cpu {

enum class Binary { add, multiply };

void binary(Binary op, const array& a, const array& b, array& out);
void sum(const array& a, array& out);
void matmul(const array& a, const array& b, array& out);

}  // namespace mlx::core::cpu
