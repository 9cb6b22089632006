#pragma once

#include "defines.h"

kernel void reduce(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                   constant uint& size [[buffer(2)]]) {
  float total = 0;
  for (uint i = 0; i < size; ++i) {
    total += in[i];
  }
  out[0] = total;
}
