// Packed codes: a row is a little-endian bit stream. Code i occupies the bits [i*b, (i+1)*b), the
// lowest first, and the stream is cut into 32-bit words, so 3-, 5- and 6-bit codes cross words. The
// words are numbers: in a file they lie in the byte order of the machine that wrote it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mlxport {

// Writes codes that fill the words exactly: codes.size() * bits == words.size() * 32.
inline void pack(std::span<const std::uint8_t> codes, int bits, std::span<std::uint32_t> words) {
  std::uint64_t pending = 0;
  int filled = 0;
  std::size_t word = 0;
  for (const std::uint8_t code : codes) {
    pending |= static_cast<std::uint64_t>(code) << filled;
    filled += bits;
    if (filled >= 32) {
      words[word++] = static_cast<std::uint32_t>(pending);
      pending >>= 32;
      filled -= 32;
    }
  }
}

inline void unpack(std::span<const std::uint32_t> words, int bits, std::span<std::uint8_t> codes) {
  const std::uint64_t mask = (1u << bits) - 1;
  std::uint64_t pending = 0;
  int filled = 0;
  std::size_t word = 0;
  for (std::uint8_t& code : codes) {
    if (filled < bits) {
      pending |= static_cast<std::uint64_t>(words[word++]) << filled;
      filled += 32;
    }
    code = static_cast<std::uint8_t>(pending & mask);
    pending >>= bits;
    filled -= bits;
  }
}

}  // namespace mlxport
