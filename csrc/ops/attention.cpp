#include "ops/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "formats/bfloat16.h"
#include "formats/float16.h"

namespace mlxport {
namespace {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

double lowest(DType dtype) {
  switch (dtype) {
    case DType::float16:
      return -float16::decode(0x7bff);
    case DType::bfloat16:
      return -bfloat16::decode(0x7f7f);
    case DType::float32:
      return std::numeric_limits<float>::lowest();
    default:
      return std::numeric_limits<double>::lowest();
  }
}

// What the mask adds to a score; nothing where the key is masked.
std::optional<double> mask_bias(const Mask& mask, std::size_t batch, std::size_t head,
                                std::size_t query, std::size_t key) {
  const std::array index{batch, head, query, key};
  const std::int64_t offset = std::inner_product(
      mask.strides.begin(), mask.strides.end(), index.begin(), std::int64_t{0}, std::plus<>(),
      [](std::int64_t stride, std::size_t i) { return stride * static_cast<std::int64_t>(i); });
  if (mask.keep != nullptr) {
    return mask.keep[offset] != 0 ? std::optional(0.0) : std::nullopt;
  }
  const double bias = load(*mask.bias, static_cast<std::size_t>(offset));
  return bias <= lowest(mask.bias->dtype) ? std::nullopt : std::optional(bias);
}

// Reads rows of `dim` numbers from row `first` on.
void load_rows(const HeadRows& from, std::size_t first, std::size_t dim, std::span<double> to) {
  if (!from.quantized) {
    load<double>(from.floats, first * dim, to);
    return;
  }
  for (std::size_t start = 0; start < to.size(); start += dim) {
    decode_row(*from.quantized, first++, to.subspan(start, dim));
  }
}

// One key that a query sees: its place and its score, later its weight.
struct Seen {
  std::size_t key;
  double weight;
};

// Turns scores into softmax weights.
void normalize(std::vector<Seen>& seen, double sink) {
  double largest = sink;
  for (const Seen& one : seen) largest = std::max(largest, one.weight);
  double sum = std::exp(sink - largest);
  for (Seen& one : seen) {
    one.weight = std::exp(one.weight - largest);
    sum += one.weight;
  }
  for (Seen& one : seen) one.weight /= sum;
}

}  // namespace

void attention(const AttentionShape& shape, ConstFloats q, const HeadRows& k, const HeadRows& v,
               double scale, bool causal, std::size_t window, const std::optional<Mask>& mask,
               std::optional<ConstFloats> sinks, Floats out) {
  const std::size_t sharing = shape.query_heads / shape.key_heads;
  std::vector<double> query(shape.key_dim), result(shape.value_dim);
  std::vector<double> keys(shape.keys * shape.key_dim), values(shape.keys * shape.value_dim);
  std::vector<Seen> seen;

  for (std::size_t pair = 0; pair < shape.batch * shape.query_heads; ++pair) {
    const std::size_t batch = pair / shape.query_heads;
    const std::size_t head = pair % shape.query_heads;
    const std::size_t key_head = batch * shape.key_heads + head / sharing;
    if (head % sharing == 0) {
      load_rows(k, key_head * shape.keys, shape.key_dim, keys);
      load_rows(v, key_head * shape.keys, shape.value_dim, values);
    }
    const double sink = sinks ? load(*sinks, head) : -infinity;

    for (std::size_t i = 0; i < shape.queries; ++i) {
      const std::size_t row = pair * shape.queries + i;
      load<double>(q, row * shape.key_dim, query);
      // Queries and keys are aligned at their ends.
      const std::size_t reach = i + 1 + shape.keys;
      const std::size_t visible =
          !causal ? shape.keys : std::min(shape.keys, reach - std::min(reach, shape.queries));
      // Before a query's own place is what it sees of the window, itself included.
      const std::size_t place = reach - std::min(reach, shape.queries);
      const std::size_t first = window == 0 ? 0 : place - std::min(place, window);
      seen.clear();
      for (std::size_t j = first; j < visible; ++j) {
        const auto bias = mask ? mask_bias(*mask, batch, head, i, j) : 0.0;
        if (!bias) continue;
        const double* key = keys.data() + j * shape.key_dim;
        const double score = std::inner_product(query.begin(), query.end(), key, 0.0);
        seen.push_back({j, score * scale + *bias});
      }
      normalize(seen, sink);
      std::ranges::fill(result, 0.0);
      for (const Seen& one : seen) {
        const double* value = values.data() + one.key * shape.value_dim;
        for (std::size_t d = 0; d < result.size(); ++d) result[d] += one.weight * value[d];
      }
      store(result, out, row * shape.value_dim);
    }
  }
}

}  // namespace mlxport
