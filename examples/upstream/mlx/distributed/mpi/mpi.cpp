#include <dlfcn.h>

#include "mlx/distributed/distributed.h"

namespace mlx::core::distributed::mpi {

bool is_available() {
#ifdef __APPLE__
  constexpr const char* library = "libmpi.dylib";
#else
  constexpr const char* library = "libmpi.so";
#endif
  // Opened at run time, so that a program runs where MPI is missing.
  static void* handle = dlopen(library, RTLD_NOW | RTLD_GLOBAL);
  return handle != nullptr && dlsym(handle, "MPI_Init") != nullptr;
}

}  // namespace mlx::core::distributed::mpi
