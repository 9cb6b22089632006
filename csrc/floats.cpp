#include "floats.h"

#include <algorithm>

#include "formats/bfloat16.h"
#include "formats/float16.h"

namespace mlxport {
namespace {

struct Float16 {
  using Stored = std::uint16_t;
  static double decode(Stored bits) { return float16::decode(bits); }
  static Stored encode(double x) { return float16::encode(x); }
};

struct Bfloat16 {
  using Stored = std::uint16_t;
  static double decode(Stored bits) { return bfloat16::decode(bits); }
  static Stored encode(double x) { return bfloat16::encode(x); }
};

template <class F>
struct Native {
  using Stored = F;
  static double decode(F x) { return static_cast<double>(x); }
  static F encode(double x) { return static_cast<F>(x); }
};

// Calls `use` with the codec of a type known at run time.
template <class Use>
auto dispatch(DType dtype, Use use) {
  switch (dtype) {
    case DType::float16:
      return use(Float16{});
    case DType::bfloat16:
      return use(Bfloat16{});
    case DType::float32:
      return use(Native<float>{});
    default:
      return use(Native<double>{});
  }
}

}  // namespace

DType promoted(DType first, DType second) {
  if (first == second) return first;
  // The types are in the order of their width, but for the two of 16 bits.
  const DType wider = std::max(first, second);
  return wider == DType::bfloat16 ? DType::float32 : wider;
}

template <class F>
void load(ConstFloats from, std::size_t offset, std::span<F> to) {
  dispatch(from.dtype, [&]<class Codec>(Codec) {
    const auto* source = static_cast<const typename Codec::Stored*>(from.data) + offset;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<F>(Codec::decode(source[i]));
  });
}

template void load(ConstFloats, std::size_t, std::span<float>);
template void load(ConstFloats, std::size_t, std::span<double>);

double load(ConstFloats from, std::size_t offset) {
  double value = 0;
  load(from, offset, std::span(&value, 1));
  return value;
}

void store(std::span<const double> from, Floats to, std::size_t offset) {
  dispatch(to.dtype, [&]<class Codec>(Codec) {
    auto* target = static_cast<typename Codec::Stored*>(to.data) + offset;
    for (std::size_t i = 0; i < from.size(); ++i) target[i] = Codec::encode(from[i]);
  });
}

void store(double value, Floats to, std::size_t offset) {
  store(std::span<const double>(&value, 1), to, offset);
}

double rounded(DType dtype, double value) {
  return dispatch(dtype, [&]<class Codec>(Codec) { return Codec::decode(Codec::encode(value)); });
}

}  // namespace mlxport
