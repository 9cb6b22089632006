#pragma once

#include <span>

#include "floats.h"

namespace mlxport {

// Rounds to e4m3 bytes, as formats/e4m3.h says.
void to_fp8(ConstFloats from, std::span<std::uint8_t> to);

// Reads e4m3 bytes.
void from_fp8(std::span<const std::uint8_t> from, Floats to);

}  // namespace mlxport
