// Conversion of whole arrays to and from float32, by vectors.
#pragma once

#include "floats.h"

namespace mlxport {

// load() for the three types that float32 holds.
void widen(ConstFloats from, std::size_t offset, std::span<float> to);

// Rounds once, as store() does.
void narrow(std::span<const float> from, Floats to, std::size_t offset);

}  // namespace mlxport
