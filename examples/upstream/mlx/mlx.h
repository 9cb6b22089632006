#pragma once

#include "mlx/array.h"
#include "mlx/distributed/distributed.h"
#include "mlx/io/load.h"
#include "mlx/ops.h"
#include "mlx/version.h"
