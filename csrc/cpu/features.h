#pragma once

#include <string>
#include <vector>

namespace mlxport {

// The instruction set extensions of this machine that kernels may choose by; empty where we do not
// know how to ask.
std::vector<std::string> cpu_features();

// The processor's name as it states it, or "".
std::string cpu_name();

}  // namespace mlxport
