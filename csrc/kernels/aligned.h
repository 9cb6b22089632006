#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace mlxport {

// Numbers that begin at a cache line and are all zero: a vector that straddles two lines costs two
// loads.
template <class T>
class Aligned {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Aligned(std::size_t size)
      : data_(static_cast<T*>(::operator new(size * sizeof(T) + 1, line))) {
    std::uninitialized_value_construct_n(data_.get(), size);
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t line{64};
  struct Delete {
    void operator()(T* data) const { ::operator delete(data, line); }
  };
  std::unique_ptr<T[], Delete> data_;
};

}  // namespace mlxport
