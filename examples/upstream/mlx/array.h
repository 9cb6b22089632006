#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace mlx::core {

using Shape = std::vector<int>;

// A dense row-major array of floats; copies share their memory.
class array {
 public:
  explicit array(Shape shape);
  array(const std::vector<float>& values, Shape shape);

  const Shape& shape() const { return shape_; }
  std::size_t size() const { return size_; }
  const float* data() const { return memory_.get(); }
  float* data() { return memory_.get(); }

 private:
  Shape shape_;
  std::size_t size_;
  std::shared_ptr<float> memory_;
};

}  // namespace mlx::core
