#include "ops/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/bitstream.h"

namespace mlxport {
namespace {

template <class F>
bool all_finite(std::span<const F> values) {
  return std::ranges::all_of(values, [](F value) { return std::isfinite(value); });
}

template <class F>
void store_scale(const Mode& mode, const GroupScale<F>& scale, const Quantized& to,
                 std::size_t group) {
  if (mode.scale.is_byte()) {
    to.scale_bytes[group] = scale.byte;
  } else {
    store(static_cast<double>(scale.scale), to.scales, group);
  }
  if (mode.has_biases) store(static_cast<double>(scale.bias), to.biases, group);
}

template <class F>
bool fits(const Mode& mode, const GroupScale<F>& scale, DType dtype) {
  return mode.scale.is_byte() || (std::isfinite(rounded(dtype, static_cast<double>(scale.scale))) &&
                                  std::isfinite(rounded(dtype, static_cast<double>(scale.bias))));
}

template <class F>
std::optional<BadGroup> quantize_as(const Layout& layout, ConstFloats weights, std::size_t rows,
                                    F tensor_factor, Nonfinite nonfinite, const Quantized& to) {
  const Mode& mode = *layout.mode;
  const auto size = static_cast<std::size_t>(layout.group_size);
  std::array<F, max_group_size> buffer;
  std::array<std::uint8_t, max_group_size> codes;
  const std::span<F> values(buffer.data(), size);
  const std::span<std::uint8_t> group_codes(codes.data(), size);
  const F nan = std::numeric_limits<F>::quiet_NaN();

  for (std::size_t group = 0; group < rows * layout.groups(); ++group) {
    load(weights, group * size, values);
    const bool finite = all_finite<F>(values);
    GroupScale<F> scale;
    if (finite) scale = mode.encode<F>()(values, layout.bits, tensor_factor, group_codes);
    if (!finite || !fits(mode, scale, weights.dtype)) {
      if (nonfinite == Nonfinite::error) {
        return BadGroup{group / layout.groups(), group % layout.groups(), finite};
      }
      scale = {nan, nan, mode.scale.nan};
      std::ranges::fill(group_codes, std::uint8_t{0});
    }
    const std::size_t words = layout.words_per_group();
    pack(group_codes, layout.bits, {to.words + group * words, words});
    store_scale(mode, scale, to, group);
  }
  return std::nullopt;
}

}  // namespace

std::optional<BadGroup> quantize(const Layout& layout, ConstFloats weights, std::size_t rows,
                                 std::optional<float> global_scale, Nonfinite nonfinite,
                                 const Quantized& to) {
  const float factor = global_scale ? layout.mode->global_divisor / *global_scale : 1;
  if (weights.dtype == DType::float64) {
    return quantize_as<double>(layout, weights, rows, factor, nonfinite, to);
  }
  return quantize_as<float>(layout, weights, rows, factor, nonfinite, to);
}

}  // namespace mlxport
