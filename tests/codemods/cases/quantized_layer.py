"""A layer with everything that upstream's own layers have."""

import math

import mlx.core as mx
from mlx.nn.layers.base import Module


class Packed(Module):
    """A linear layer on packed weights.

    Args:
        inputs (int): The size of the input.
        bits (int, optional): The bits of a weight.
            More is better. Default: ``4``.
        bias (bool, optional): Whether to add a bias.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        group_size: int = 64,
        bits: int = 4,  # of a weight
    ):
        super().__init__()
        self.group_size, self.bits = group_size, bits
        weight = mx.random.normal((outputs, inputs), scale=math.sqrt(1 / inputs))
        self.weight, self.scales, self.biases = mx.quantize(weight, group_size, bits)

    def _extra_repr(self):
        return f"group_size={self.group_size}, bits={self.bits}, packed"

    def __call__(self, x):
        return mx.quantized_matmul(
            x,
            self["weight"],
            scales=self["scales"],
            biases=self["biases"],
            group_size=self.group_size,
            bits=self.bits,
        )

    def row(self, x):
        return mx.dequantize(self.weight[x], self.scales[x], self.biases[x], bits=self.bits)

    def rows(self, xs):
        return [mx.dequantize(self.weight[x], self.scales[x], self["biases"][x], bits=self.bits) for x in xs]

    @classmethod
    def from_dense(cls, dense: Module, *, group_size: int = 64, bits: int = 4, **rest):
        outputs, inputs = dense.weight.shape
        packed = cls(inputs, outputs, group_size, bits)
        packed.weight, packed.scales, packed.biases = mx.quantize(
            dense.weight, group_size, bits
        )
        return packed


class Dense(Module):
    def to_quantized(self, group_size=64, bits=4):
        return Packed.from_dense(self, group_size=group_size, bits=bits)


class Fancy(Packed):
    def __init__(self, inputs, bits=8):
        super().__init__(inputs, inputs, bits=bits)

    def __call__(self, x):
        return x + mx.quantized_matmul(
            x, self["weight"], self["scales"], self["biases"], bits=self.bits
        )
# after
"""A layer with everything that upstream's own layers have."""

import math

import mlx.core as mx
from mlx.nn.layers.base import Module


class Packed(Module):
    """A linear layer on packed weights.

    Args:
        inputs (int): The size of the input.
        bits (int, optional): The bits of a weight.
            More is better. Default: ``4``.
        mode (str, optional): The quantization mode. Default: ``"affine"``.
        bias (bool, optional): Whether to add a bias.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        group_size: int = 64,
        bits: int = 4,  # of a weight
        mode: str = "affine",
    ):
        super().__init__()
        self.group_size, self.bits = group_size, bits
        self.mode = mode
        weight = mx.random.normal((outputs, inputs), scale=math.sqrt(1 / inputs))
        self.weight, self.scales, *biases = mx.quantize(
            weight, group_size, bits, mode=mode
        )
        self.biases = biases[0] if biases else None

    def _extra_repr(self):
        return f"group_size={self.group_size}, bits={self.bits}, mode={self.mode}, packed"

    def __call__(self, x):
        return mx.quantized_matmul(
            x,
            self["weight"],
            scales=self["scales"],
            biases=self.get("biases"),
            group_size=self.group_size,
            bits=self.bits,
            mode=self.mode,
        )

    def row(self, x):
        biases = self.biases
        return mx.dequantize(
            self.weight[x],
            self.scales[x],
            biases[x] if biases is not None else None,
            bits=self.bits,
            mode=self.mode,
        )

    def rows(self, xs):
        return [
            mx.dequantize(
                self.weight[x],
                self.scales[x],
                self["biases"][x] if "biases" in self else None,
                bits=self.bits,
                mode=self.mode,
            ) for x in xs
        ]

    @classmethod
    def from_dense(
        cls,
        dense: Module,
        *,
        group_size: int = 64,
        bits: int = 4,
        mode: str = "affine",
        **rest,
    ):
        outputs, inputs = dense.weight.shape
        packed = cls(inputs, outputs, group_size, bits, mode=mode)
        packed.weight, packed.scales, *biases = mx.quantize(
            dense.weight, group_size, bits, mode=mode
        )
        packed.biases = biases[0] if biases else None
        return packed


class Dense(Module):
    def to_quantized(self, group_size=64, bits=4, mode="affine"):
        return Packed.from_dense(self, group_size=group_size, bits=bits, mode=mode)


class Fancy(Packed):
    def __init__(self, inputs, bits=8, mode="affine"):
        super().__init__(inputs, inputs, bits=bits, mode=mode)

    def __call__(self, x):
        return x + mx.quantized_matmul(
            x,
            self["weight"],
            self["scales"],
            self.get("biases"),
            bits=self.bits,
            mode=self.mode,
        )
