#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mlxport {

// Reads all words and returns them combined: the time it takes is the least any kernel needs that
// has to read as many bytes. On as many threads as the kernels use.
std::uint64_t read_all(std::span<const std::uint32_t> words);

}  // namespace mlxport
