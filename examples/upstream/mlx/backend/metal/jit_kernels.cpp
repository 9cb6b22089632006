#include <fmt/format.h>

#include <stdexcept>

#include "mlx/backend/metal/device.h"
#include "mlx/backend/metal/kernels.h"

namespace mlx::core::metal {

MTL::ComputePipelineState* pipeline(const std::string& name) {
  const std::string source = fmt::format("{}{}", defines(), copy());
  const auto encoding = NS::UTF8StringEncoding;
  NS::Error* error = nullptr;
  auto text = NS::String::string(source.c_str(), encoding);
  MTL::Library* library = device()->newLibrary(text, nullptr, &error);
  if (library == nullptr) {
    throw std::runtime_error(fmt::format("[metal] cannot compile the kernel {}", name));
  }
  MTL::Function* function = library->newFunction(NS::String::string(name.c_str(), encoding));
  return device()->newComputePipelineState(function, &error);
}

}  // namespace mlx::core::metal
