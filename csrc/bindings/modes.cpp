#include "bindings/bindings.h"
#include "quant/mode.h"

namespace mlxport {
namespace {

py::dict describe(const Mode& mode) {
  py::dict fields;
  fields["name"] = mode.name;
  fields["group_sizes"] = py::tuple(py::cast(mode.group_sizes));
  fields["default_group_size"] = mode.default_group_size;
  fields["bits"] = py::tuple(py::cast(mode.bits));
  fields["default_bits"] = mode.default_bits;
  fields["element_format"] = mode.element.name;
  fields["scale_format"] = mode.scale.is_byte() ? py::object(py::str(mode.scale.name)) : py::none();
  fields["has_biases"] = mode.has_biases;
  fields["global_divisor"] =
      mode.global_divisor != 0 ? py::object(py::float_(mode.global_divisor)) : py::none();
  return fields;
}

const Binding binding([](py::module_& m) {
  m.def("modes", [] {
    py::list all;
    for (const Mode& mode : modes()) all.append(describe(mode));
    return all;
  });
});

}  // namespace
}  // namespace mlxport
