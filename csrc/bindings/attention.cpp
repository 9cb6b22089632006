#include "ops/attention.h"

#include <variant>

#include "bindings/bindings.h"
#include "bindings/weights.h"

namespace mlxport {
namespace {

using Strides = std::array<std::int64_t, 4>;

// A bool mask, or numbers to add; `strides` count elements.
Mask mask_of(const py::array& mask, const Strides& strides) {
  if (mask.dtype().kind() == 'b') {
    check_contiguous(mask);
    return {static_cast<const std::uint8_t*>(mask.data()), std::nullopt, strides};
  }
  return {nullptr, const_floats(mask), strides};
}

// Floats, or what weights_of takes of a quantized matrix.
using QuantizedRows = std::tuple<py::array, py::array, std::optional<py::array>, std::string, int,
                                 int, std::optional<float>>;
using Rows = std::variant<py::array, QuantizedRows>;

HeadRows rows_of(const Rows& rows) {
  if (const auto* floats = std::get_if<py::array>(&rows)) return {const_floats(*floats), {}};
  return {{}, std::apply(weights_of, std::get<QuantizedRows>(rows))};
}

// `sizes` is (batch, heads of q, heads of k, queries, keys, key dimension, value dimension).
void bind_attention(const std::array<std::size_t, 7>& sizes, const py::array& q, const Rows& k,
                    const Rows& v, double scale, bool causal, std::size_t window,
                    const std::optional<py::array>& mask, const Strides& strides,
                    const std::optional<py::array>& sinks, py::array& out) {
  const AttentionShape shape{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]};
  const ConstFloats queries = const_floats(q);
  const HeadRows keys = rows_of(k), values = rows_of(v);
  const auto masked = mask ? std::optional(mask_of(*mask, strides)) : std::nullopt;
  const auto sunk = sinks ? std::optional(const_floats(*sinks)) : std::nullopt;
  const Floats to = floats(out);
  py::gil_scoped_release unlocked;
  attention(shape, queries, keys, values, scale, causal, window, masked, sunk, to);
}

const Binding binding([](py::module_& m) { m.def("attention", bind_attention); });

}  // namespace
}  // namespace mlxport
