#include "bindings/bindings.h"
#include "cpu/features.h"

namespace mlxport {
namespace {

const Binding binding([](py::module_& m) {
  m.def("cpu_features", cpu_features);
  m.def("cpu_name", cpu_name);
});

}  // namespace
}  // namespace mlxport
