#include <stdexcept>

#include "mlx/backend/metal/device.h"

namespace mlx::core::metal {

MTL::ComputePipelineState* pipeline(const std::string& name) {
  const auto encoding = NS::UTF8StringEncoding;
  NS::Error* error = nullptr;
  auto path = NS::String::string(METAL_PATH, encoding);
  MTL::Library* library = device()->newLibrary(path, &error);
  if (library == nullptr) {
    throw std::runtime_error("[metal] cannot load " METAL_PATH);
  }
  MTL::Function* function = library->newFunction(NS::String::string(name.c_str(), encoding));
  return device()->newComputePipelineState(function, &error);
}

}  // namespace mlx::core::metal
