// Which instruction set the kernels use. The best one of this machine, or the one that the
// environment variable MLXPORT_CPU names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlxport {

enum class Isa { scalar, avx2, avx512 };

std::string_view name(Isa isa);

// The sets this machine has all instructions of, the best one last.
std::vector<Isa> available_isas();

// The set in use. Throws std::invalid_argument where MLXPORT_CPU names none of this machine's.
Isa active_isa();

// Uses another one from now on; "" is the choice made at the start.
void force_isa(const std::string& name);

// What the last call of an op ran on, as "op isa": tests check that a forced set was used.
void note_kernel(std::string_view op, Isa isa);
std::string last_kernel();

}  // namespace mlxport
