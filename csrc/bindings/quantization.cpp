#include "bindings/bindings.h"
#include "bindings/weights.h"
#include "ops/dequantize.h"
#include "ops/quantize.h"
#include "ops/quantized_matmul.h"

namespace mlxport {
namespace {

std::optional<std::tuple<std::size_t, std::size_t, bool>> bind_quantize(
    const py::array& w, const std::string& mode, int group_size, int bits,
    std::optional<float> global_scale, bool propagate, py::array& words, py::array& scales,
    std::optional<py::array>& biases) {
  const Layout layout = layout_of(mode, group_size, bits, extent(w, 1));
  const ConstFloats from = const_floats(w);
  const std::size_t rows = extent(w, 0);
  Quantized to{span<std::uint32_t>(words).data(), nullptr, {}, {}};
  if (layout.mode->scale.is_byte()) {
    to.scale_bytes = span<std::uint8_t>(scales).data();
  } else {
    to.scales = floats(scales);
  }
  if (biases) to.biases = floats(*biases);
  std::optional<BadGroup> bad;
  {
    py::gil_scoped_release unlocked;
    bad = quantize(layout, from, rows, global_scale,
                   propagate ? Nonfinite::propagate : Nonfinite::error, to);
  }
  if (!bad) return std::nullopt;
  return std::tuple(bad->row, bad->group, bad->finite);
}

void bind_dequantize(const py::array& words, const py::array& scales,
                     const std::optional<py::array>& biases, const std::string& mode,
                     int group_size, int bits, std::optional<float> global_scale, py::array& out) {
  const Weights weights = weights_of(words, scales, biases, mode, group_size, bits, global_scale);
  const Floats to = floats(out);
  const std::size_t rows = extent(words, 0);
  py::gil_scoped_release unlocked;
  dequantize(weights, rows, to);
}

// `x` is (matrices, rows, inner), `words` is (all rows, words of a row).
void bind_quantized_matmul(const py::array& x, const py::array& words, const py::array& scales,
                           const std::optional<py::array>& biases, const std::string& mode,
                           int group_size, int bits, std::optional<float> global_scale,
                           std::size_t weight_rows, bool transpose, const py::array& lhs,
                           const py::array& rhs, py::array& out) {
  const Weights weights = weights_of(words, scales, biases, mode, group_size, bits, global_scale);
  const Matrices input{const_floats(x), extent(x, 1), extent(x, 2)};
  const Floats to = floats(out);
  const auto left = const_span<std::int64_t>(lhs);
  const auto right = const_span<std::int64_t>(rhs);
  py::gil_scoped_release unlocked;
  quantized_matmul(input, weights, weight_rows, transpose, left, right, to);
}

const Binding binding([](py::module_& m) {
  m.def("quantize", bind_quantize);
  m.def("dequantize", bind_dequantize);
  m.def("quantized_matmul", bind_quantized_matmul);
});

}  // namespace
}  // namespace mlxport
