#pragma once

#include "defines.h"

kernel void copy(device const float* in [[buffer(0)]], device float* out [[buffer(1)]],
                 uint index [[thread_position_in_grid]]) {
  out[index] = in[index];
}
