#include "mlx/backend/metal/device.h"

#include <algorithm>

#include "mlx/backend/metal/metal.h"

namespace mlx::core::metal {

MTL::Device* device() {
  static MTL::Device* device = MTL::CreateSystemDefaultDevice();
  return device;
}

bool is_available() { return device() != nullptr; }

void run(const std::string& name, const float* in, float* out, unsigned size, unsigned threads) {
  static MTL::CommandQueue* queue = device()->newCommandQueue();
  const auto bytes = size * sizeof(float);
  const auto shared = MTL::ResourceStorageModeShared;
  auto input = NS::TransferPtr(device()->newBuffer(in, bytes, shared));
  auto output = NS::TransferPtr(device()->newBuffer(out, bytes, shared));
  MTL::CommandBuffer* commands = queue->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setComputePipelineState(pipeline(name));
  encoder->setBuffer(input.get(), 0, 0);
  encoder->setBuffer(output.get(), 0, 1);
  encoder->setBytes(&size, sizeof(size), 2);
  encoder->dispatchThreads(MTL::Size(threads, 1, 1), MTL::Size(1, 1, 1));
  encoder->endEncoding();
  commands->commit();
  commands->waitUntilCompleted();
  const auto* result = static_cast<const float*>(output->contents());
  std::copy_n(result, threads, out);
}

}  // namespace mlx::core::metal
