#include "kernels/row_products.h"

#include <bit>
#include <cstring>

#include "cpu/isa.h"
#include "kernels/targets.h"

#if MLXPORT_X86
#if defined(__GNUC__) && !defined(__clang__)
// The intrinsics of GCC 12 start undefined vectors from themselves.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

namespace mlxport {
namespace {

// How far ahead of the codes a cache line is asked for: the hardware stops at each page.
inline constexpr std::size_t prefetch_bytes = 2048;

// Codes of 3, 5 and 6 bits have one plane: they are brought to a byte each.
constexpr std::size_t planes_of(int bits) {
  return 8 % bits == 0 ? 8 / static_cast<std::size_t>(bits) : 1;
}

constexpr BlockShape integer_shape(int bits, std::size_t vector) {
  const std::size_t planes = planes_of(bits);
  return {true, vector * planes, planes, vector / 4,
          vector * planes * static_cast<std::size_t>(bits) / 8};
}

constexpr BlockShape float_shape(std::size_t vector) {
  return {false, vector / 2, 1, vector / 4, vector / 2};
}

#define MLXPORT_INLINE MLXPORT_TARGET __attribute__((always_inline)) inline

namespace avx512 {

#define MLXPORT_TARGET MLXPORT_AVX512

using Numbers = __m512;
using Lanes = __m512i;

MLXPORT_INLINE Numbers zero() { return _mm512_setzero_ps(); }
MLXPORT_INLINE Numbers load(const float* from) { return _mm512_loadu_ps(from); }
MLXPORT_INLINE Numbers mul(Numbers a, Numbers b) { return _mm512_mul_ps(a, b); }
MLXPORT_INLINE Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm512_fmadd_ps(a, b, c); }
MLXPORT_INLINE __m512d low_half(Numbers a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a)); }
MLXPORT_INLINE double total(Numbers a) {
  const __m512 high = _mm512_shuffle_f32x4(a, a, 0xee);
  return _mm512_reduce_add_pd(_mm512_add_pd(low_half(a), low_half(high)));
}

// `count` rounded up to a whole vector: the padding is zeros.
MLXPORT_INLINE double dot_product(const float* a, const double* b, std::size_t count) {
  __m512d sum = _mm512_setzero_pd();
  for (std::size_t i = 0; i < count; i += 8) {
    const __m512d wide = _mm512_cvtps_pd(_mm256_loadu_ps(a + i));
    sum = _mm512_fmadd_pd(wide, _mm512_loadu_pd(b + i), sum);
  }
  return _mm512_reduce_add_pd(sum);
}
MLXPORT_INLINE Numbers permute(Numbers a, Lanes lanes) { return _mm512_permutexvar_ps(lanes, a); }

MLXPORT_INLINE Lanes lane_groups(std::size_t codes_of_lane, std::size_t group_size) {
  alignas(64) std::int32_t groups[16];
  for (std::size_t lane = 0; lane < 16; ++lane) {
    groups[lane] = static_cast<std::int32_t>(lane * codes_of_lane / group_size);
  }
  return _mm512_load_si512(groups);
}

template <int Bits, bool HasTable>
struct Integers {
  static constexpr BlockShape shape = integer_shape(Bits, 64);
  using Codes = __m512i[shape.planes];
  using Table = __m512i;

  static MLXPORT_INLINE Table load_table(const std::uint8_t* table) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
  }

  static MLXPORT_INLINE void unpack(const std::uint8_t* packed, Table table, Codes& codes) {
    const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << Bits) - 1));
    if constexpr (8 % Bits == 0) {
      const __m512i bytes = _mm512_loadu_si512(packed);
      codes[0] = Bits == 8 ? bytes : _mm512_and_si512(bytes, mask);
      for (std::size_t plane = 1; plane < shape.planes; ++plane) {
        const auto shift = static_cast<unsigned>(plane) * Bits;
        codes[plane] = _mm512_and_si512(_mm512_srli_epi16(bytes, shift), mask);
      }
    } else {
      // The `Bits` bytes of 8 codes go to a 64-bit lane each, and there every code to its byte.
      const __m512i bytes = _mm512_maskz_loadu_epi8((std::uint64_t{1} << (8 * Bits)) - 1, packed);
      const __m512i eights = _mm512_permutexvar_epi8(spread(), bytes);
      codes[0] = _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts(), eights), mask);
    }
    if constexpr (HasTable) {
      for (__m512i& code : codes) code = _mm512_shuffle_epi8(table, code);
    }
  }

  static MLXPORT_INLINE __m512i spread() {
    alignas(64) std::uint8_t index[64];
    for (int byte = 0; byte < 64; ++byte) {
      index[byte] = static_cast<std::uint8_t>((byte / 8 * Bits + byte % 8) % 64);
    }
    return _mm512_load_si512(index);
  }

  static MLXPORT_INLINE __m512i shifts() {
    alignas(64) std::uint8_t shift[64];
    for (int byte = 0; byte < 64; ++byte) shift[byte] = static_cast<std::uint8_t>(byte % 8 * Bits);
    return _mm512_load_si512(shift);
  }

  static MLXPORT_INLINE __m512i add_digit(__m512i sum, const Codes& codes, const std::uint8_t* x,
                                          std::size_t digit) {
    for (std::size_t plane = 0; plane < shape.planes; ++plane) {
      const __m512i digits = _mm512_loadu_si512(x + digit * shape.codes + plane * 64);
      sum = _mm512_dpbusd_epi32(sum, codes[plane], digits);
    }
    return sum;
  }

  static MLXPORT_INLINE Numbers dot(const Codes& codes, const std::uint8_t* x,
                                    [[maybe_unused]] const std::int32_t* offsets) {
    __m512i sum = add_digit(_mm512_setzero_si512(), codes, x, 0);
    Numbers high = zero();
    if constexpr (Bits > 6) {
      // Sums of three digits of 8-bit codes have more than 31 bits.
      high = mul(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(65536));
      sum = _mm512_setzero_si512();
    }
    sum = add_digit(_mm512_slli_epi32(sum, 8), codes, x, 1);
    sum = add_digit(_mm512_slli_epi32(sum, 8), codes, x, 2);
    if constexpr (HasTable) sum = _mm512_sub_epi32(sum, _mm512_loadu_si512(offsets));
    const Numbers numbers = _mm512_cvtepi32_ps(sum);
    return Bits > 6 ? _mm512_add_ps(high, numbers) : numbers;
  }
};

struct Float8 {
  static constexpr BlockShape shape = float_shape(64);
  using Codes = __m512[2];
  struct Table {};

  static MLXPORT_INLINE Table load_table(const std::uint8_t*) { return {}; }

  // e4m3 is float16 with fewer bits and another bias, which divides by 256.
  static MLXPORT_INLINE void unpack(const std::uint8_t* packed, Table, Codes& codes) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(packed));
    const __m512i wide = _mm512_slli_epi16(_mm512_cvtepi8_epi16(bytes), 7);
    __m512i halves = _mm512_and_si512(wide, _mm512_set1_epi16(static_cast<short>(0xbfff)));
    const __m512i size = _mm512_and_si512(halves, _mm512_set1_epi16(0x3f80));
    const __mmask32 nan = _mm512_cmpeq_epi16_mask(size, _mm512_set1_epi16(0x3f80));
    halves = _mm512_mask_mov_epi16(halves, nan, _mm512_set1_epi16(0x7e00));
    codes[0] = _mm512_cvtph_ps(_mm512_castsi512_si256(halves));
    codes[1] = _mm512_cvtph_ps(_mm512_extracti64x4_epi64(halves, 1));
  }

  static MLXPORT_INLINE Numbers dot(const Codes& codes, const std::uint8_t* x,
                                    const std::int32_t*) {
    const float* numbers = reinterpret_cast<const float*>(x);
    return fma(codes[1], load(numbers + 16), mul(codes[0], load(numbers)));
  }
};

MLXPORT_TARGET inline void look_up(const float* table, const std::uint8_t* bytes,
                                   std::span<float> to) {
  std::size_t i = 0;
  for (; i + 16 <= to.size(); i += 16) {
    const __m128i index = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    _mm512_storeu_ps(to.data() + i, _mm512_i32gather_ps(_mm512_cvtepu8_epi32(index), table, 4));
  }
  for (; i < to.size(); ++i) to[i] = table[bytes[i]];
}

#include "kernels/row_products.inc"
#undef MLXPORT_TARGET

}  // namespace avx512

namespace avx2 {

#define MLXPORT_TARGET MLXPORT_AVX2

using Numbers = __m256;
using Lanes = __m256i;

MLXPORT_INLINE Numbers zero() { return _mm256_setzero_ps(); }
MLXPORT_INLINE Numbers load(const float* from) { return _mm256_loadu_ps(from); }
MLXPORT_INLINE Numbers mul(Numbers a, Numbers b) { return _mm256_mul_ps(a, b); }
MLXPORT_INLINE Numbers fma(Numbers a, Numbers b, Numbers c) { return _mm256_fmadd_ps(a, b, c); }
MLXPORT_INLINE Numbers permute(Numbers a, Lanes lanes) {
  return _mm256_permutevar8x32_ps(a, lanes);
}

MLXPORT_INLINE double sum_of(__m256d a) {
  const __m128d sum = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
  return _mm_cvtsd_f64(_mm_add_sd(sum, _mm_unpackhi_pd(sum, sum)));
}

MLXPORT_INLINE double total(Numbers a) {
  return sum_of(_mm256_add_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a)),
                              _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))));
}

// `count` rounded up to a whole vector: the padding is zeros.
MLXPORT_INLINE double dot_product(const float* a, const double* b, std::size_t count) {
  __m256d sum = _mm256_setzero_pd();
  for (std::size_t i = 0; i < count; i += 4) {
    sum = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + i)), _mm256_loadu_pd(b + i), sum);
  }
  return sum_of(sum);
}

MLXPORT_INLINE Lanes lane_groups(std::size_t codes_of_lane, std::size_t group_size) {
  alignas(32) std::int32_t groups[8];
  for (std::size_t lane = 0; lane < 8; ++lane) {
    groups[lane] = static_cast<std::int32_t>(lane * codes_of_lane / group_size);
  }
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(groups));
}

MLXPORT_INLINE __m256i load_bytes(const std::uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

template <int Bits, bool HasTable>
struct Integers {
  static constexpr BlockShape shape = integer_shape(Bits, 32);
  using Codes = __m256i[shape.planes];
  using Table = __m256i;

  static MLXPORT_INLINE Table load_table(const std::uint8_t* table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
  }

  static MLXPORT_INLINE void unpack(const std::uint8_t* packed, Table table, Codes& codes) {
    const __m256i mask = _mm256_set1_epi8(static_cast<char>((1 << Bits) - 1));
    if constexpr (8 % Bits == 0) {
      const __m256i bytes = load_bytes(packed);
      codes[0] = Bits == 8 ? bytes : _mm256_and_si256(bytes, mask);
      for (std::size_t plane = 1; plane < shape.planes; ++plane) {
        const int shift = static_cast<int>(plane) * Bits;
        codes[plane] = _mm256_and_si256(_mm256_srli_epi16(bytes, shift), mask);
      }
    } else {
      codes[0] = _mm256_setr_epi64x(eight<0>(packed), eight<1>(packed), eight<2>(packed),
                                    eight<3>(packed));
    }
    if constexpr (HasTable) {
      for (__m256i& code : codes) code = _mm256_shuffle_epi8(table, code);
    }
  }

  // Eight codes, a byte each. Of the 8 bytes read, those of the block end or begin with them.
  template <int Index>
  static MLXPORT_INLINE long long eight(const std::uint8_t* packed) {
    constexpr bool forward = Index * Bits + 8 <= 4 * Bits;
    constexpr int start = forward ? Index * Bits : (Index + 1) * Bits - 8;
    constexpr std::uint64_t bytes = 0x0101010101010101;
    std::uint64_t word = 0;
    std::memcpy(&word, packed + start, sizeof(word));
    if constexpr (!forward) word >>= 64 - 8 * Bits;
    return static_cast<long long>(_pdep_u64(word, bytes * ((1u << Bits) - 1)));
  }

  // Sums of pairs: at most 63 * 128 * 2 for codes of up to 6 bits, which 16 bits hold.
  static MLXPORT_INLINE __m256i pairs(const Codes& codes, const std::uint8_t* x,
                                      std::size_t digit) {
    __m256i sum = _mm256_maddubs_epi16(codes[0], load_bytes(x + digit * shape.codes));
    for (std::size_t plane = 1; plane < shape.planes; ++plane) {
      const __m256i digits = load_bytes(x + digit * shape.codes + plane * 32);
      sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(codes[plane], digits));
    }
    return sum;
  }

  // For codes of 8 bits: in two halves of 4.
  static MLXPORT_INLINE __m256i fours(const Codes& codes, const std::uint8_t* x,
                                      std::size_t digit) {
    const __m256i mask = _mm256_set1_epi8(15);
    const __m256i digits = load_bytes(x + digit * shape.codes);
    const __m256i low = _mm256_maddubs_epi16(_mm256_and_si256(codes[0], mask), digits);
    const __m256i high =
        _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(codes[0], 4), mask), digits);
    return _mm256_add_epi32(_mm256_madd_epi16(low, _mm256_set1_epi16(1)),
                            _mm256_madd_epi16(high, _mm256_set1_epi16(16)));
  }

  static MLXPORT_INLINE Numbers dot(const Codes& codes, const std::uint8_t* x,
                                    [[maybe_unused]] const std::int32_t* offsets) {
    if constexpr (Bits > 6) {
      const Numbers high = mul(_mm256_cvtepi32_ps(fours(codes, x, 0)), _mm256_set1_ps(65536));
      const __m256i rest =
          _mm256_add_epi32(_mm256_slli_epi32(fours(codes, x, 1), 8), fours(codes, x, 2));
      return _mm256_add_ps(high, _mm256_cvtepi32_ps(rest));
    } else {
      const __m256i one = _mm256_set1_epi16(1);
      const __m256i high =
          _mm256_add_epi32(_mm256_madd_epi16(pairs(codes, x, 0), _mm256_set1_epi16(256)),
                           _mm256_madd_epi16(pairs(codes, x, 1), one));
      const __m256i low = _mm256_madd_epi16(pairs(codes, x, 2), one);
      __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, 8), low);
      if constexpr (HasTable) {
        const auto* lanes = reinterpret_cast<const __m256i*>(offsets);
        sum = _mm256_sub_epi32(sum, _mm256_loadu_si256(lanes));
      }
      return _mm256_cvtepi32_ps(sum);
    }
  }
};

struct Float8 {
  static constexpr BlockShape shape = float_shape(32);
  using Codes = __m256[2];
  struct Table {};

  static MLXPORT_INLINE Table load_table(const std::uint8_t*) { return {}; }

  static MLXPORT_INLINE void unpack(const std::uint8_t* packed, Table, Codes& codes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed));
    const __m256i wide = _mm256_slli_epi16(_mm256_cvtepi8_epi16(bytes), 7);
    __m256i halves = _mm256_and_si256(wide, _mm256_set1_epi16(static_cast<short>(0xbfff)));
    const __m256i size = _mm256_and_si256(halves, _mm256_set1_epi16(0x3f80));
    const __m256i nan = _mm256_cmpeq_epi16(size, _mm256_set1_epi16(0x3f80));
    halves = _mm256_blendv_epi8(halves, _mm256_set1_epi16(0x7e00), nan);
    codes[0] = _mm256_cvtph_ps(_mm256_castsi256_si128(halves));
    codes[1] = _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1));
  }

  static MLXPORT_INLINE Numbers dot(const Codes& codes, const std::uint8_t* x,
                                    const std::int32_t*) {
    const float* numbers = reinterpret_cast<const float*>(x);
    return fma(codes[1], load(numbers + 8), mul(codes[0], load(numbers)));
  }
};

MLXPORT_TARGET inline void look_up(const float* table, const std::uint8_t* bytes,
                                   std::span<float> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = table[bytes[i]];
}

#include "kernels/row_products.inc"
#undef MLXPORT_TARGET

}  // namespace avx2

}  // namespace

const RowKernel* row_kernel(const RowFormat& format) {
  switch (active_isa()) {
    case Isa::avx512:
      return avx512::find_row_kernel(format);
    case Isa::avx2:
      return avx2::find_row_kernel(format);
    default:
      return nullptr;
  }
}

}  // namespace mlxport

#else

namespace mlxport {

const RowKernel* row_kernel(const RowFormat&) { return nullptr; }

}  // namespace mlxport

#endif
