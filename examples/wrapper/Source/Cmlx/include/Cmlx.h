#pragma once

// What Swift sees of the C++ library.
#ifdef __cplusplus
extern "C" {
#endif

const char* cmlx_version(void);

// The sum of `size` floats.
float cmlx_sum(const float* values, int size);

#ifdef __cplusplus
}
#endif
