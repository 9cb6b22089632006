#include "cpu/features.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace mlxport {

#if defined(__x86_64__)

std::vector<std::string> cpu_features() {
  std::vector<std::string> found;
  __builtin_cpu_init();
  // The builtin takes literals only; it also asks whether the system saves the registers.
#define MLXPORT_ADD(name) \
  if (__builtin_cpu_supports(name)) found.push_back(name)
  MLXPORT_ADD("sse4.2");
  MLXPORT_ADD("avx");
  MLXPORT_ADD("avx2");
  MLXPORT_ADD("fma");
  MLXPORT_ADD("bmi2");
  MLXPORT_ADD("avx512f");
  MLXPORT_ADD("avx512bw");
  MLXPORT_ADD("avx512vl");
  MLXPORT_ADD("avx512vbmi");
  MLXPORT_ADD("avx512vnni");
  MLXPORT_ADD("avx512bf16");
#undef MLXPORT_ADD
  // The builtin of GCC 10 and clang 14 does not know it; every CPU with AVX2 has it.
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool avx = __builtin_cpu_supports("avx");
  if (avx && __get_cpuid(1, &a, &b, &c, &d) && (c >> 29 & 1)) found.push_back("f16c");
  return found;
}

std::string cpu_name() {
  std::array<std::uint32_t, 13> words{};
  for (unsigned leaf = 0; leaf < 3; ++leaf) {
    std::uint32_t* part = words.data() + 4 * leaf;
    if (!__get_cpuid(0x80000002 + leaf, part, part + 1, part + 2, part + 3)) return "";
  }
  std::string name(reinterpret_cast<const char*>(words.data()));
  name.erase(name.find_last_not_of(' ') + 1);
  return name;
}

#elif defined(__aarch64__) && defined(__linux__)

std::vector<std::string> cpu_features() {
  // Bits of the kernel's ABI, spelled out because old headers lack the newer names.
  constexpr std::pair<const char*, unsigned> first[] = {
      {"neon", 1}, {"fp16", 10}, {"dotprod", 20}, {"sve", 22}};
  constexpr std::pair<const char*, unsigned> second[] = {
      {"sve2", 1}, {"i8mm", 13}, {"bf16", 14}, {"sme", 23}};
  std::vector<std::string> found;
  for (const auto& [name, bit] : first) {
    if (getauxval(AT_HWCAP) >> bit & 1) found.push_back(name);
  }
  for (const auto& [name, bit] : second) {
    if (getauxval(AT_HWCAP2) >> bit & 1) found.push_back(name);
  }
  return found;
}

std::string cpu_name() { return ""; }

#elif defined(__APPLE__)

std::vector<std::string> cpu_features() {
  constexpr std::pair<const char*, const char*> queries[] = {
      {"neon", "hw.optional.neon"},
      {"fp16", "hw.optional.arm.FEAT_FP16"},
      {"dotprod", "hw.optional.arm.FEAT_DotProd"},
      {"i8mm", "hw.optional.arm.FEAT_I8MM"},
      {"bf16", "hw.optional.arm.FEAT_BF16"},
      {"sme", "hw.optional.arm.FEAT_SME"},
  };
  std::vector<std::string> found;
  for (const auto& [name, query] : queries) {
    int present = 0;
    std::size_t size = sizeof(present);
    if (sysctlbyname(query, &present, &size, nullptr, 0) == 0 && present) found.push_back(name);
  }
  return found;
}

std::string cpu_name() {
  std::array<char, 256> name{};
  std::size_t size = name.size() - 1;
  if (sysctlbyname("machdep.cpu.brand_string", name.data(), &size, nullptr, 0) != 0) return "";
  return name.data();
}

#else

std::vector<std::string> cpu_features() { return {}; }
std::string cpu_name() { return ""; }

#endif

}  // namespace mlxport
