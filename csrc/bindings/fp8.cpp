#include "ops/fp8.h"

#include "bindings/bindings.h"

namespace mlxport {
namespace {

void bind_to_fp8(const py::array& x, py::array& out) {
  const ConstFloats from = const_floats(x);
  const auto to = span<std::uint8_t>(out);
  py::gil_scoped_release unlocked;
  to_fp8(from, to);
}

void bind_from_fp8(const py::array& x, py::array& out) {
  const auto from = const_span<std::uint8_t>(x);
  const Floats to = floats(out);
  py::gil_scoped_release unlocked;
  from_fp8(from, to);
}

const Binding binding([](py::module_& m) {
  m.def("to_fp8", bind_to_fp8);
  m.def("from_fp8", bind_from_fp8);
});

}  // namespace
}  // namespace mlxport
