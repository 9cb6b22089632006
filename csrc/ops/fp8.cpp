#include "ops/fp8.h"

#include "formats/e4m3.h"

namespace mlxport {

void to_fp8(ConstFloats from, std::span<std::uint8_t> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = e4m3::encode(load(from, i));
}

void from_fp8(std::span<const std::uint8_t> from, Floats to) {
  for (std::size_t i = 0; i < from.size(); ++i) store(e4m3::decode(from[i]), to, i);
}

}  // namespace mlxport
