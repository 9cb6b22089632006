#include <stdexcept>

#include "mlx/backend/cpu/kernels.h"

namespace mlx::core::cpu {

namespace {

[[noreturn]] void refuse() { throw std::runtime_error("this build has no CPU backend"); }

}  // namespace

void binary(Binary, const array&, const array&, array&) { refuse(); }
void sum(const array&, array&) { refuse(); }
void matmul(const array&, const array&, array&) { refuse(); }

}  // namespace mlx::core::cpu
