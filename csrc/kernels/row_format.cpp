#include "kernels/row_format.h"

#include <algorithm>
#include <cmath>

namespace mlxport {
namespace {

// Bytes above this could overflow the sums of the kernels.
inline constexpr double largest_byte = 31;

std::optional<RowFormat> as_table(std::span<const double> values, int bits) {
  const auto [least, greatest] = std::ranges::minmax(values);
  for (const double unit : {1.0, 0.5, 0.25, 0.125}) {
    const bool whole = std::ranges::all_of(
        values, [&](double value) { return value / unit == std::floor(value / unit); });
    if (!whole || (greatest - least) / unit > largest_byte) continue;
    RowFormat found{
        Elements::table, bits, {}, static_cast<float>(unit), static_cast<int>(-least / unit)};
    for (std::size_t code = 0; code < values.size(); ++code) {
      found.table[code] = static_cast<std::uint8_t>((values[code] - least) / unit);
    }
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<RowFormat> row_format(const ElementFormat& format, int bits) {
  const std::span values(format.values.data(), std::size_t{1} << bits);
  bool codes = true;
  for (std::size_t code = 0; code < values.size() && codes; ++code) {
    codes = values[code] == static_cast<double>(code);
  }
  if (codes) return RowFormat{Elements::codes, bits};
  if (bits == 8 && format.name == "e4m3") return RowFormat{Elements::float8, bits};
  if (bits == 4) return as_table(values, bits);
  return std::nullopt;
}

}  // namespace mlxport
