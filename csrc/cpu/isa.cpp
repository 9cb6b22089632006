#include "cpu/isa.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "cpu/features.h"

namespace mlxport {
namespace {

struct Requirement {
  Isa isa;
  std::string_view name;
  std::vector<std::string> features;
};

const std::vector<Requirement>& requirements() {
  static const std::vector<Requirement> all = {
      {Isa::scalar, "scalar", {}},
      {Isa::avx2, "avx2", {"avx2", "fma", "f16c", "bmi2"}},
      {Isa::avx512,
       "avx512",
       {"avx2", "fma", "f16c", "bmi2", "avx512f", "avx512bw", "avx512vl", "avx512vbmi",
        "avx512vnni"}},
  };
  return all;
}

Isa parse(const std::string& name) {
  const std::vector<Isa> available = available_isas();
  if (name.empty()) return available.back();
  std::string known;
  for (const Isa isa : available) {
    if (name == mlxport::name(isa)) return isa;
    known += (known.empty() ? "" : ", ") + std::string(mlxport::name(isa));
  }
  throw std::invalid_argument("[runtime] MLXPORT_CPU is \"" + name +
                              "\", which this machine or build has not; unset it, or pass one of " +
                              known);
}

constexpr int undecided = -1;
std::atomic<int> chosen{undecided};
std::atomic<int> last_isa{undecided};
std::atomic<const char*> last_op{""};

}  // namespace

std::string_view name(Isa isa) { return requirements()[static_cast<std::size_t>(isa)].name; }

std::vector<Isa> available_isas() {
  const std::vector<std::string> features = cpu_features();
  std::vector<Isa> found;
  for (const Requirement& requirement : requirements()) {
    const bool present = std::ranges::all_of(requirement.features, [&](const std::string& feature) {
      return std::ranges::find(features, feature) != features.end();
    });
    if (present) found.push_back(requirement.isa);
  }
  return found;
}

Isa active_isa() {
  int isa = chosen.load(std::memory_order_relaxed);
  if (isa == undecided) {
    const char* asked = std::getenv("MLXPORT_CPU");
    isa = static_cast<int>(parse(asked == nullptr ? "" : asked));
    chosen = isa;
  }
  return static_cast<Isa>(isa);
}

void force_isa(const std::string& name) {
  chosen = name.empty() ? undecided : static_cast<int>(parse(name));
}

void note_kernel(std::string_view op, Isa isa) {
  // Ops are named by literals, which end in a zero.
  last_op.store(op.data(), std::memory_order_relaxed);
  last_isa.store(static_cast<int>(isa), std::memory_order_relaxed);
}

std::string last_kernel() {
  const int isa = last_isa.load();
  if (isa == undecided) return "";
  return std::string(last_op.load()) + " " + std::string(name(static_cast<Isa>(isa)));
}

}  // namespace mlxport
