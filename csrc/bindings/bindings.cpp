#include "bindings/bindings.h"

namespace mlxport {
namespace {

DType dtype_of(const py::array& array) {
  const py::dtype dtype = array.dtype();
  const char kind = dtype.kind();
  const auto size = dtype.itemsize();
  if (kind == 'u' && size == 2) return DType::bfloat16;
  if (kind == 'f' && size == 2) return DType::float16;
  if (kind == 'f' && size == 4) return DType::float32;
  if (kind == 'f' && size == 8) return DType::float64;
  throw py::type_error("_core takes float16, float32, float64 and uint16 (bfloat16) arrays");
}

}  // namespace

Binding::Binding(Define define) { all().push_back(define); }

std::vector<Binding::Define>& Binding::all() {
  static std::vector<Define> defines;
  return defines;
}

void check_contiguous(const py::array& array) {
  constexpr int aligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & py::array::c_style) == 0 || (array.flags() & aligned) == 0) {
    throw py::value_error("_core takes contiguous, aligned arrays");
  }
}

ConstFloats const_floats(const py::array& array) {
  check_contiguous(array);
  return {dtype_of(array), array.data()};
}

Floats floats(py::array& array) {
  check_contiguous(array);
  return {dtype_of(array), array.mutable_data()};
}

ConstFloats const_floats(const std::optional<py::array>& array) {
  return array ? const_floats(*array) : ConstFloats{};
}

}  // namespace mlxport
