#include "mlx/backend/metal/kernels/reduce.h"
