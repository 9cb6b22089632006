#include "quant/weights.h"

#include "quant/bitstream.h"

namespace mlxport {

DecodedScale decode_scale(const Weights& weights, std::size_t group) {
  const ScaleFormat& format = weights.mode->scale;
  if (!format.is_byte()) {
    return {load(weights.scales, group),
            weights.mode->has_biases ? load(weights.biases, group) : 0};
  }
  const double scale = format.values[weights.scale_bytes[group]];
  if (!weights.global_scale) return {scale, 0};
  const float factor = *weights.global_scale / weights.mode->global_divisor;
  return {static_cast<float>(scale) * factor, 0};
}

void decode_elements(const Weights& weights, std::size_t group, std::span<double> elements) {
  std::array<std::uint8_t, max_group_size> codes;
  const std::size_t words = weights.words_per_group();
  unpack({weights.words + group * words, words}, weights.bits, {codes.data(), elements.size()});
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] = weights.mode->element.values[codes[i]];
  }
}

void decode_row(const Weights& weights, std::size_t index, std::span<double> row) {
  const auto size = static_cast<std::size_t>(weights.group_size);
  for (std::size_t g = 0; g < weights.groups(); ++g) {
    const std::size_t group = index * weights.groups() + g;
    const auto [scale, bias] = decode_scale(weights, group);
    const auto values = row.subspan(g * size, size);
    decode_elements(weights, group, values);
    for (double& value : values) value = value * scale + bias;
  }
}

}  // namespace mlxport
