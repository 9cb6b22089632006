#include "kernels/convert.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "cpu/isa.h"
#include "formats/bfloat16.h"
#include "formats/float16.h"
#include "kernels/targets.h"

#if MLXPORT_X86
#include <immintrin.h>
#endif

namespace mlxport {
namespace {

#if MLXPORT_X86
MLXPORT_AVX2 std::size_t widen_halves(const std::uint16_t* from, std::span<float> to) {
  std::size_t i = 0;
  for (; i + 8 <= to.size(); i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm256_storeu_ps(to.data() + i, _mm256_cvtph_ps(halves));
  }
  return i;
}

MLXPORT_AVX2 std::size_t narrow_halves(std::span<const float> from, std::uint16_t* to) {
  std::size_t i = 0;
  for (; i + 8 <= from.size(); i += 8) {
    const __m256 numbers = _mm256_loadu_ps(from.data() + i);
    // The instruction keeps the payload of a NaN; the format has one NaN.
    if (_mm256_movemask_ps(_mm256_cmp_ps(numbers, numbers, _CMP_UNORD_Q)) != 0) return i;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm256_cvtps_ph(numbers, 0));
  }
  return i;
}
#endif

// How many of the numbers, from the first on, a vector loop has converted.
std::size_t by_vectors([[maybe_unused]] const std::uint16_t* from,
                       [[maybe_unused]] std::span<float> to) {
#if MLXPORT_X86
  if (active_isa() >= Isa::avx2) return widen_halves(from, to);
#endif
  return 0;
}

std::size_t by_vectors([[maybe_unused]] std::span<const float> from,
                       [[maybe_unused]] std::uint16_t* to) {
#if MLXPORT_X86
  if (active_isa() >= Isa::avx2) return narrow_halves(from, to);
#endif
  return 0;
}

}  // namespace

void widen(ConstFloats from, std::size_t offset, std::span<float> to) {
  if (to.empty()) return;
  if (from.dtype == DType::float32) {
    std::memcpy(to.data(), static_cast<const float*>(from.data) + offset, to.size_bytes());
    return;
  }
  const auto* bits = static_cast<const std::uint16_t*>(from.data) + offset;
  if (from.dtype == DType::bfloat16) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bits[i]) << 16);
    }
    return;
  }
  for (std::size_t i = by_vectors(bits, to); i < to.size(); ++i) {
    to[i] = static_cast<float>(float16::decode(bits[i]));
  }
}

void narrow(std::span<const float> from, Floats to, std::size_t offset) {
  if (from.empty()) return;
  if (to.dtype == DType::float32) {
    std::memcpy(static_cast<float*>(to.data) + offset, from.data(), from.size_bytes());
    return;
  }
  auto* bits = static_cast<std::uint16_t*>(to.data) + offset;
  if (to.dtype == DType::bfloat16) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto wide = std::bit_cast<std::uint32_t>(from[i]);
      // Adding half of the last place, less one where it is even, carries as rounding does.
      bits[i] = std::isnan(from[i])
                    ? bfloat16::encode(from[i])
                    : static_cast<std::uint16_t>((wide + 0x7fff + (wide >> 16 & 1)) >> 16);
    }
    return;
  }
  for (std::size_t i = by_vectors(from, bits); i < from.size(); ++i) {
    bits[i] = float16::encode(from[i]);
  }
}

}  // namespace mlxport
