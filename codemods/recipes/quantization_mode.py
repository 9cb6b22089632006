"""Carry the quantization `mode` to where `group_size` and `bits` are.

Since MLX 0.29.0 quantization has a mode beside its group size and bits, and only affine
quantization has biases. Code that keeps `bits` and drops the mode works until somebody loads
weights quantized in another mode; with biases passed it then computes garbage in silence.
`nn.quantize` passes `mode` to the `to_quantized` of every layer, which breaks an override that
does not take it in any mode.

`mode` is added where `bits` lives: to parameters (the last one, with "affine" as the default),
to the attributes of layers, and as an item read from a configuration. Calls pass it on, biases
become optional. A class, a function or a call is migrated as a whole, or not at all and the
reason is reported. KV caches have no mode and are left alone.
"""

from ..changes import NEEDED, Rewrite
from ..names import SourceModule
from ..planner import Planner
from ..program import Program

SINCE = "0.29.0"
SEVERITY = NEEDED
TRIGGERS = ("uantize", "gather_qmm")


def rewrite_program(program: Program) -> dict[SourceModule, Rewrite]:
    """Add `mode` along the way of `bits`, from file to file."""
    return Planner(program).plan()


EXAMPLES = {
    "a layer of one's own": (
        """\
import mlx.core as mx
import mlx.nn as nn


class Packed(nn.Module):
    def __init__(self, dims: int, group_size: int = 64, bits: int = 4):
        super().__init__()
        self.group_size = group_size
        self.bits = bits
        self.weight, self.scales, self.biases = mx.quantize(mx.eye(dims), group_size, bits)

    def __call__(self, x):
        return mx.quantized_matmul(
            x,
            self["weight"],
            self["scales"],
            self["biases"],
            group_size=self.group_size,
            bits=self.bits,
        )
""",
        """\
import mlx.core as mx
import mlx.nn as nn


class Packed(nn.Module):
    def __init__(
        self, dims: int, group_size: int = 64, bits: int = 4, mode: str = "affine"
    ):
        super().__init__()
        self.group_size = group_size
        self.bits = bits
        self.mode = mode
        self.weight, self.scales, *biases = mx.quantize(
            mx.eye(dims), group_size, bits, mode=mode
        )
        self.biases = biases[0] if biases else None

    def __call__(self, x):
        return mx.quantized_matmul(
            x,
            self["weight"],
            self["scales"],
            self.get("biases"),
            group_size=self.group_size,
            bits=self.bits,
            mode=self.mode,
        )
""",
    ),
    "a function that passes bits on": (
        """\
import mlx.core as mx


def round_trip(w, group_size, bits):
    q, s, b = mx.quantize(w, group_size=group_size, bits=bits)
    return mx.dequantize(q, s, b, group_size=group_size, bits=bits)
""",
        """\
import mlx.core as mx


def round_trip(w, group_size, bits, mode="affine"):
    q, s, *b = mx.quantize(w, group_size=group_size, bits=bits, mode=mode)
    return mx.dequantize(q, s, *b, group_size=group_size, bits=bits, mode=mode)
""",
    ),
    "bits read from a configuration": (
        """\
import mlx.nn as nn

nn.quantize(model, group_size=config["group_size"], bits=config["bits"])
""",
        """\
import mlx.nn as nn

nn.quantize(
    model,
    group_size=config["group_size"],
    bits=config["bits"],
    mode=config.get("mode", "affine"),
)
""",
    ),
    "a layer under isinstance": (
        """\
import mlx.core as mx
from mlx import nn


def weight(layer):
    if isinstance(layer, nn.QuantizedLinear):
        return mx.dequantize(
            layer.weight, layer.scales, layer.biases, layer.group_size, layer.bits
        )
    return layer.weight
""",
        """\
import mlx.core as mx
from mlx import nn


def weight(layer):
    if isinstance(layer, nn.QuantizedLinear):
        return mx.dequantize(
            layer.weight,
            layer.scales,
            layer.biases,
            layer.group_size,
            layer.bits,
            mode=layer.mode,
        )
    return layer.weight
""",
    ),
    "literal bits: affine stays the default": (
        "import mlx.core as mx\nw, s, b = mx.quantize(weight, group_size=64, bits=4)\n",
    )
    * 2,
    "a KV cache": (
        """\
import mlx.core as mx


class PackedCache:
    def __init__(self, bits):
        self.bits = bits

    def add(self, keys):
        return mx.quantize(keys, bits=self.bits)
""",
    )
    * 2,
    "biases that are needed": (
        """\
import mlx.core as mx


def offsets(w, bits):
    _, scales, biases = mx.quantize(w, bits=bits)
    return biases / scales
""",
    )
    * 2,
    "another library's quantize": (
        "import quantum as mx\n\n\ndef f(w, bits):\n    return mx.quantize(w, bits=bits)\n",
    )
    * 2,
}
