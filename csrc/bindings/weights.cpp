#include "bindings/weights.h"

namespace mlxport {

Layout layout_of(const std::string& mode, int group_size, int bits, std::size_t columns) {
  const Mode* found = find_mode(mode);
  if (found == nullptr) throw py::value_error("unknown mode " + mode);
  return {found, group_size, bits, columns};
}

Weights weights_of(const py::array& words, const py::array& scales,
                   const std::optional<py::array>& biases, const std::string& mode, int group_size,
                   int bits, std::optional<float> global_scale) {
  const std::size_t columns = extent(words, 1) * 32 / static_cast<std::size_t>(bits);
  Weights weights{layout_of(mode, group_size, bits, columns),
                  const_span<std::uint32_t>(words).data(),
                  nullptr,
                  {},
                  {},
                  global_scale};
  if (weights.mode->scale.is_byte()) {
    weights.scale_bytes = const_span<std::uint8_t>(scales).data();
  } else {
    weights.scales = const_floats(scales);
    weights.biases = const_floats(biases);
  }
  return weights;
}

}  // namespace mlxport
