#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "mlx/distributed/distributed.h"

// The launcher joins the processes by pipes and names them in three variables: the descriptor
// read from, the one written to, and the number of processes.
namespace mlx::core::distributed::ring {

namespace {

int variable(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : -1;
}

}  // namespace

bool is_available() { return variable("MLX_RING_SIZE") > 1; }

float all_sum(float value) {
  const int in = variable("MLX_RING_IN"), out = variable("MLX_RING_OUT");
  float total = value, passing = value;
  // After size - 1 steps each value has been seen by every process.
  for (int step = 1; step < variable("MLX_RING_SIZE"); ++step) {
    if (write(out, &passing, sizeof(passing)) != sizeof(passing) ||
        read(in, &passing, sizeof(passing)) != sizeof(passing)) {
      throw std::runtime_error("[ring] a neighbour has gone");
    }
    total += passing;
  }
  return total;
}

}  // namespace mlx::core::distributed::ring
