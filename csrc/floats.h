// Arrays of the four floating-point types the API takes, whichever it is at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mlxport {

enum class DType : std::uint8_t { float16, bfloat16, float32, float64 };

// The type that holds the numbers of both, as MLX promotes: float32 for the two 16-bit types.
DType promoted(DType first, DType second);

struct ConstFloats {
  DType dtype = DType::float32;
  const void* data = nullptr;
};

struct Floats {
  DType dtype = DType::float32;
  void* data = nullptr;
};

// Reads `to.size()` numbers from element `offset` on. F is float or double; float64 read as float
// is rounded.
template <class F>
void load(ConstFloats from, std::size_t offset, std::span<F> to);

double load(ConstFloats from, std::size_t offset);

// Rounds once to the type of `to`, to nearest, ties to even.
void store(std::span<const double> from, Floats to, std::size_t offset);

void store(double value, Floats to, std::size_t offset);

// `value` as it reads back after a store.
double rounded(DType dtype, double value);

}  // namespace mlxport
