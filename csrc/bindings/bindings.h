// The border to Python. Arrays that cross it are C-contiguous, aligned and in the machine's byte
// order, and Python has checked their shapes; bfloat16 crosses as its bits in uint16. Output arrays
// are made by Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <span>
#include <vector>

#include "floats.h"

namespace mlxport {

namespace py = pybind11;

// A constant of this type, at namespace scope, adds functions to the module.
struct Binding {
  using Define = void (*)(py::module_&);
  explicit Binding(Define define);
  static std::vector<Define>& all();
};

ConstFloats const_floats(const py::array& array);
Floats floats(py::array& array);

// The floats of an array that may be missing.
ConstFloats const_floats(const std::optional<py::array>& array);

void check_contiguous(const py::array& array);

// All elements of an array of exactly this type.
template <class T>
std::span<const T> const_span(const py::array& array) {
  check_contiguous(array);
  if (!array.dtype().equal(py::dtype::of<T>()))
    throw py::type_error("_core: an array's dtype is off");
  return {static_cast<const T*>(array.data()), static_cast<std::size_t>(array.size())};
}

template <class T>
std::span<T> span(py::array& array) {
  const auto elements = const_span<T>(array);
  return {static_cast<T*>(array.mutable_data()), elements.size()};
}

inline std::size_t extent(const py::array& array, py::ssize_t axis) {
  return static_cast<std::size_t>(array.shape(axis));
}

}  // namespace mlxport
