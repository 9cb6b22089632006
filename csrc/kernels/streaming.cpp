#include "kernels/streaming.h"

#include <atomic>

#include "cpu/isa.h"
#include "cpu/threads.h"
#include "kernels/targets.h"

namespace mlxport {
namespace {

inline constexpr std::size_t piece = 1 << 15;  // words a thread reads at a time

std::uint64_t combine(std::span<const std::uint32_t> words) {
  std::uint64_t combined = 0;
  for (const std::uint32_t word : words) combined ^= word;
  return combined;
}

#if MLXPORT_X86
// The same loop, for the compiler to make vectors of.
MLXPORT_AVX2 std::uint64_t combine_avx2(std::span<const std::uint32_t> words) {
  std::uint32_t lanes[64] = {};
  std::size_t i = 0;
  for (; i + 64 <= words.size(); i += 64) {
    __builtin_prefetch(words.data() + i + 512);
    __builtin_prefetch(words.data() + i + 512 + 16);
    __builtin_prefetch(words.data() + i + 512 + 32);
    __builtin_prefetch(words.data() + i + 512 + 48);
    for (std::size_t lane = 0; lane < 64; ++lane) lanes[lane] ^= words[i + lane];
  }
  return combine(lanes) ^ combine(words.subspan(i));
}
#endif

}  // namespace

std::uint64_t read_all(std::span<const std::uint32_t> words) {
  std::atomic<std::uint64_t> combined = 0;
  parallel_for(words.size(), piece, [&](std::size_t begin, std::size_t end) {
    const auto part = words.subspan(begin, end - begin);
#if MLXPORT_X86
    combined ^= active_isa() >= Isa::avx2 ? combine_avx2(part) : combine(part);
#else
    combined ^= combine(part);
#endif
  });
  return combined;
}

}  // namespace mlxport
