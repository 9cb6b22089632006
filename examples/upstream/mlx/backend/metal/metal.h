#pragma once

namespace mlx::core::metal {

// Whether this build has Metal and the machine a device for it.
bool is_available();

}  // namespace mlx::core::metal
