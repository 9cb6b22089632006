// Rows of x as the vector kernels read them.
//
// For integer elements the x of a group are integers q of 24 bits times a power of two, each
// written as three signed digits: q = d0 * 2^16 + d1 * 2^8 + d2. Their products with codes are
// summed exactly in 32 bits, so the result is as precise as float32's own arithmetic at the rate of
// int8 dot products. For float elements x is kept as float32, times 256.
//
// Digits are cut into blocks that match one vector of weights: block[digit][plane][byte], where
// the code of `byte` in `plane` is number byte * planes + plane of the block. That is the order in
// which shifting and masking a vector of packed codes yields them.
#pragma once

#include <cstdint>

#include "floats.h"
#include "kernels/aligned.h"

namespace mlxport {

struct BlockShape {
  bool digits;         // or float32
  std::size_t codes;   // of a block
  std::size_t planes;  // 1, 2, 4 or 8
  std::size_t lanes;   // sums of a block
  std::size_t bytes;   // of the weights of a block

  std::size_t activation_bytes() const { return codes * (digits ? 3 : 4); }
};

class Activations {
 public:
  // Rows of `columns` numbers from element `first` on; what is not finite gives NaN.
  // `element_offset` is what the bytes of the weights' elements are too large by.
  Activations(ConstFloats from, std::size_t first, std::size_t rows, std::size_t columns,
              std::size_t group_size, const BlockShape& shape, int element_offset);

  std::size_t rows, columns, group_size, groups, blocks;
  BlockShape shape;

  const std::uint8_t* row(std::size_t index) const { return data_.data() + index * row_bytes(); }
  // The power of two of each lane's group, by block.
  const float* lane_scales(std::size_t index) const {
    return lane_scales_.data() + index * blocks * shape.lanes;
  }
  // element_offset times the integers of each lane, by block: what its sum is too large by.
  const std::int32_t* lane_offsets(std::size_t index) const {
    return lane_offsets_.data() + index * blocks * shape.lanes;
  }
  // The exact sum of each group, zeros up to padded_groups().
  const double* sums(std::size_t index) const { return sums_.data() + index * padded_groups(); }
  std::size_t padded_groups() const { return padded(groups); }

  // Room for whole vectors, one of them beyond the last group.
  static std::size_t padded(std::size_t groups) { return groups / 16 * 16 + 32; }

 private:
  std::size_t row_bytes() const { return blocks * shape.activation_bytes(); }
  void split_group(std::span<const float> values, std::size_t row, std::size_t group);

  Aligned<std::uint8_t> data_;
  Aligned<float> lane_scales_;
  Aligned<std::int32_t> lane_offsets_;
  Aligned<double> sums_;
  std::int32_t element_offset_;
};

}  // namespace mlxport
