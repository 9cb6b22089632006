#pragma once

namespace mlx::core::distributed {

// Whether a library or a list of hosts lets this process talk to others.
bool is_available();

// The sum of `value` over the ring of processes; `value` itself when there is none.
float all_sum(float value);

namespace mpi {
bool is_available();
}

namespace ring {
bool is_available();
float all_sum(float value);
}  // namespace ring

}  // namespace mlx::core::distributed
