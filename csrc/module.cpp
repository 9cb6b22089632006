// The Python module `mlxport.runtime._core`.
#include "bindings/bindings.h"

PYBIND11_MODULE(_core, m) {
  m.attr("__version__") = MLXPORT_VERSION;
  for (const auto define : mlxport::Binding::all()) define(m);
}
