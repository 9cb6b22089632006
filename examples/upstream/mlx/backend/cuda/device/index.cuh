#pragma once

// The element this thread works on.
__device__ inline unsigned element() { return blockIdx.x * blockDim.x + threadIdx.x; }
