"""The keys and values of a decoder, kept quantized."""

import mlx.core as mx


class QuantizedKVCache:
    """Keys and values in affine quantization, grown by one step a token."""

    def __init__(self, group_size: int = 32, bits: int = 8):
        self.group_size = group_size
        self.bits = bits
        self.keys = None
        self.values = None

    def update_and_fetch(self, keys, values):
        """Append keys and values, (B, H, T, D), and return all of them, quantized."""
        new_keys = mx.quantize(keys, group_size=self.group_size, bits=self.bits)
        new_values = mx.quantize(values, group_size=self.group_size, bits=self.bits)
        if self.keys is None:
            self.keys, self.values = tuple(new_keys), tuple(new_values)
        else:
            self.keys = tuple(map(append, self.keys, new_keys))
            self.values = tuple(map(append, self.values, new_values))
        return self.keys, self.values


def append(old, new):
    """Join two parts along the axis of time."""
    return mx.concatenate([old, new], axis=2)


def quantized_cache_attention(queries, keys, values, cache, scale: float):
    """Attend to the quantized keys and values of `cache`."""
    scores = mx.quantized_matmul(
        queries * scale,
        *keys,
        transpose=True,
        group_size=cache.group_size,
        bits=cache.bits,
    )
    weights = mx.softmax(scores, axis=-1)
    return mx.quantized_matmul(
        weights,
        *values,
        transpose=False,
        group_size=cache.group_size,
        bits=cache.bits,
    )
