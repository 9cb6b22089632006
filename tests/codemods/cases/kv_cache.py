"""Code of a KV cache: it has bits and group_size, and must not get a mode."""

import mlx.core as mx
import mlx.nn as nn


class RotatingCache:
    def to_quantized(self, group_size: int = 64, bits: int = 4):
        cache = PackedKVCache(group_size, bits)
        cache.keys = mx.quantize(self.keys, group_size=group_size, bits=bits)
        return cache


class PackedKVCache(nn.Module):
    def __init__(self, group_size, bits):
        self.group_size = group_size
        self.bits = bits

    def update_and_fetch(self, keys, values):
        keys = mx.quantize(keys, group_size=self.group_size, bits=self.bits)
        values = mx.quantize(values, group_size=self.group_size, bits=self.bits)
        return keys, values


def packed_attention(queries, q_keys, q_values, group_size=64, bits=8):
    scores = mx.quantized_matmul(queries, *q_keys, group_size=group_size, bits=bits)
    return mx.quantized_matmul(
        scores, *q_values, transpose=False, group_size=group_size, bits=bits
    )


def attention(queries, keys, values, cache):
    return packed_attention(queries, keys, values, cache.group_size, cache.bits)


def pack_caches(prompt_cache, kv_bits):
    for i, c in enumerate(prompt_cache):
        prompt_cache[i] = c.to_quantized(group_size=64, bits=kv_bits)
    return [c.to_quantized(bits=args.bits) for c in prompt_cache]


class Attention(nn.Module):
    def __init__(self, bits):
        self.bits = bits

    def __call__(self, x, cache):
        keys = self.keys(x)
        return mx.quantize(keys, bits=self.bits)
# after
"""Code of a KV cache: it has bits and group_size, and must not get a mode."""

import mlx.core as mx
import mlx.nn as nn


class RotatingCache:
    def to_quantized(self, group_size: int = 64, bits: int = 4):
        cache = PackedKVCache(group_size, bits)
        cache.keys = mx.quantize(self.keys, group_size=group_size, bits=bits)
        return cache


class PackedKVCache(nn.Module):
    def __init__(self, group_size, bits):
        self.group_size = group_size
        self.bits = bits

    def update_and_fetch(self, keys, values):
        keys = mx.quantize(keys, group_size=self.group_size, bits=self.bits)
        values = mx.quantize(values, group_size=self.group_size, bits=self.bits)
        return keys, values


def packed_attention(queries, q_keys, q_values, group_size=64, bits=8):
    scores = mx.quantized_matmul(queries, *q_keys, group_size=group_size, bits=bits)
    return mx.quantized_matmul(
        scores, *q_values, transpose=False, group_size=group_size, bits=bits
    )


def attention(queries, keys, values, cache):
    return packed_attention(queries, keys, values, cache.group_size, cache.bits)


def pack_caches(prompt_cache, kv_bits):
    for i, c in enumerate(prompt_cache):
        prompt_cache[i] = c.to_quantized(group_size=64, bits=kv_bits)
    return [c.to_quantized(bits=args.bits) for c in prompt_cache]


class Attention(nn.Module):
    def __init__(self, bits):
        self.bits = bits

    def __call__(self, x, cache):
        keys = self.keys(x)
        return mx.quantize(keys, bits=self.bits)
