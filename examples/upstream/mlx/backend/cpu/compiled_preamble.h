#pragma once

#include <cmath>
#include <cstddef>

static inline float relu(float x) { return x > 0 ? x : 0; }
