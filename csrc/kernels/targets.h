// The instruction sets of cpu/isa.h as attributes of functions. Never a flag for a whole file:
// inline functions compiled there could be the ones that the linker keeps.
#pragma once

#if defined(__x86_64__)
#define MLXPORT_X86 1
#define MLXPORT_AVX2 __attribute__((target("avx2,fma,f16c,bmi2")))
#define MLXPORT_AVX512 \
  __attribute__((target("avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")))
#else
#define MLXPORT_X86 0
#define MLXPORT_AVX2
#define MLXPORT_AVX512
#endif
