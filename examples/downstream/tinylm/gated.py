"""A gated linear layer and its quantized twin."""

import math

import mlx.core as mx
import mlx.nn as nn


def gate(y):
    """Let the first half of the features of y gate the second."""
    a, b = mx.split(y, 2, axis=-1)
    return a * mx.sigmoid(a) * b


class GatedLinear(nn.Module):
    """Two projections of one input in a single matrix, the first gating the second."""

    def __init__(self, input_dims: int, output_dims: int):
        super().__init__()
        scale = math.sqrt(1.0 / input_dims)
        self.weight = mx.random.uniform(-scale, scale, (2 * output_dims, input_dims))

    def __call__(self, x):
        return gate(x @ self["weight"].T)

    def to_quantized(self, group_size: int = 64, bits: int = 4):
        return QuantizedGatedLinear.from_gated(self, group_size, bits)


class QuantizedGatedLinear(nn.Module):
    """The same layer on quantized weights.

    Args:
        input_dims (int): The width of the input.
        output_dims (int): The width of the output.
        group_size (int): The number of weights that share a scale.
        bits (int): The width of a weight in bits.
    """

    def __init__(
        self,
        input_dims: int,
        output_dims: int,
        group_size: int = 64,
        bits: int = 4,
    ):
        super().__init__()
        self.group_size = group_size
        self.bits = bits
        scale = math.sqrt(1.0 / input_dims)
        weight = mx.random.uniform(-scale, scale, (2 * output_dims, input_dims))
        self.weight, self.scales, self.biases = mx.quantize(weight, group_size, bits)
        self.freeze()

    def _extra_repr(self):
        return f"group_size={self.group_size}, bits={self.bits}"

    def __call__(self, x):
        y = mx.quantized_matmul(
            x,
            self["weight"],
            scales=self["scales"],
            biases=self["biases"],
            transpose=True,
            group_size=self.group_size,
            bits=self.bits,
        )
        return gate(y)

    @classmethod
    def from_gated(cls, layer: GatedLinear, group_size: int = 64, bits: int = 4):
        """Quantize the weights of `layer`."""
        output_dims, input_dims = layer.weight.shape
        new = cls(input_dims, output_dims // 2, group_size, bits)
        new.weight, new.scales, new.biases = mx.quantize(
            layer.weight,
            group_size,
            bits,
        )
        return new
