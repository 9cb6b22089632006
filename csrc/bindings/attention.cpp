#include "ops/attention.h"

#include "bindings/bindings.h"

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

void bind_attention(const py::array& q, const py::array& k, const py::array& v, double scale,
                    bool causal, const std::optional<py::array>& mask, const Strides& strides,
                    const std::optional<py::array>& sinks, py::array& out) {
  const AttentionShape shape{extent(q, 0), extent(q, 1), extent(k, 1), extent(q, 2),
                             extent(k, 2), extent(q, 3), extent(v, 3)};
  const ConstFloats queries = const_floats(q), keys = const_floats(k), values = const_floats(v);
  const auto masked = mask ? std::optional(mask_of(*mask, strides)) : std::nullopt;
  const auto sunk = sinks ? std::optional(const_floats(*sinks)) : std::nullopt;
  const Floats to = floats(out);
  py::gil_scoped_release unlocked;
  attention(shape, queries, keys, values, scale, causal, masked, sunk, to);
}

const Binding binding([](py::module_& m) { m.def("attention", bind_attention); });

}  // namespace
}  // namespace mlxport
