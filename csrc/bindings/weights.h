// Quantized matrices at the border: what the ops take of them.
#pragma once

#include <string>

#include "bindings/bindings.h"
#include "quant/weights.h"

namespace mlxport {

Layout layout_of(const std::string& mode, int group_size, int bits, std::size_t columns);

// `words` is (rows, words of a row).
Weights weights_of(const py::array& words, const py::array& scales,
                   const std::optional<py::array>& biases, const std::string& mode, int group_size,
                   int bits, std::optional<float> global_scale);

}  // namespace mlxport
