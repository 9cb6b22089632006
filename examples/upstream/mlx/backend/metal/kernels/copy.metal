#include "mlx/backend/metal/kernels/copy.h"
