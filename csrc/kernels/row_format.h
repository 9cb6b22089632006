// Which element formats the vector kernels can multiply, found from the mode's description: a mode
// of a format that is none of these runs on the scalar kernel.
#pragma once

#include <optional>

#include "quant/weights.h"

namespace mlxport {

// value(code) = unit * (byte(code) - offset), where byte(code) is
enum class Elements {
  codes,   // the code itself
  table,   // looked up: at most 4 bits
  float8,  // the e4m3 number of the code
};

struct RowFormat {
  Elements elements;
  int bits;
  std::array<std::uint8_t, 16> table{};
  float unit = 1;
  int offset = 0;
};

std::optional<RowFormat> row_format(const ElementFormat& format, int bits);

}  // namespace mlxport
