#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "floats.h"
#include "quant/weights.h"

namespace mlxport {

struct AttentionShape {
  std::size_t batch, query_heads, key_heads, queries, keys, key_dim, value_dim;
};

// A mask over (batch, query head, query, key), `strides` in elements and 0 along what is broadcast.
// Bytes keep a key where they are not 0; numbers are added to the scores, and a key whose number is
// -infinity or the least of its type is masked as well.
struct Mask {
  const std::uint8_t* keep = nullptr;
  std::optional<ConstFloats> bias;
  std::array<std::int64_t, 4> strides{};
};

// Rows of keys or values, of all heads: floats, or quantized rows.
struct HeadRows {
  ConstFloats floats;
  std::optional<Weights> quantized;
};

// softmax(scale * q k^T + mask) v, heads of k and v shared by query_heads / key_heads heads of q,
// all contiguous. `causal` lets query i see key j where j <= i + keys - queries, and `window`
// (0: none) only where j > i + keys - queries - window. `sinks` holds one more logit for each query
// head, whose value is zero. A masked key is never read, and a query that sees no key gives zeros.
// Computed in double, rounded once; memory for one row of scores.
void attention(const AttentionShape& shape, ConstFloats q, const HeadRows& k, const HeadRows& v,
               double scale, bool causal, std::size_t window, const std::optional<Mask>& mask,
               std::optional<ConstFloats> sinks, Floats out);

}  // namespace mlxport
