"""A decoder of one block."""

import mlx.core as mx
import mlx.nn as nn

from .cache import QuantizedKVCache, quantized_cache_attention
from .gated import GatedLinear


class TinyLM(nn.Module):
    """Embed tokens, let them attend to their past, gate, and score the next one."""

    def __init__(self, vocabulary: int = 96, dims: int = 128, heads: int = 4):
        super().__init__()
        self.heads = heads
        self.embedding = nn.Embedding(vocabulary, dims)
        self.queries_keys_values = nn.Linear(dims, 3 * dims, bias=False)
        self.feed_forward = GatedLinear(dims, 2 * dims)
        self.down = nn.Linear(2 * dims, dims, bias=False)
        self.head = nn.Linear(dims, vocabulary)

    def __call__(self, tokens, cache: QuantizedKVCache | None = None):
        x = self.embedding(tokens).astype(mx.float32)
        batch, length, dims = x.shape
        parts = mx.split(self.queries_keys_values(x), 3, axis=-1)
        q, k, v = (
            p.reshape(batch, length, self.heads, -1).transpose(0, 2, 1, 3)
            for p in parts
        )
        scale = q.shape[-1] ** -0.5
        if cache is None:
            y = mx.fast.scaled_dot_product_attention(
                q, k, v, scale=scale, mask="causal"
            )
        else:
            keys, values = cache.update_and_fetch(k, v)
            y = quantized_cache_attention(q, keys, values, cache, scale)
        x = x + y.transpose(0, 2, 1, 3).reshape(batch, length, dims)
        x = x + self.down(self.feed_forward(x))
        return self.head(x)
