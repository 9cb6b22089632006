#include <cstdlib>
#include <iostream>

#include "mlx/mlx.h"

using namespace mlx::core;

static void expect(bool holds, const char* what) {
  if (!holds) {
    std::cerr << "failed: " << what << "\n";
    std::exit(1);
  }
}

int main() {
  array a({1, 2, 3, 4}, {2, 2});
  array b({0, 1, 1, 0}, {2, 2});
  expect(add(a, b).data()[1] == 3, "add");
  expect(multiply(a, b).data()[3] == 0, "multiply");
  expect(sum(a).data()[0] == 10, "sum");
  expect(matmul(a, b).data()[0] == 2, "matmul swaps the columns");
  expect(copy(a).data() != a.data(), "copy shares no memory");
  expect(distributed::all_sum(2) == 2, "all_sum of one process");
  std::cout << "mlx " << version() << "\n";
}
