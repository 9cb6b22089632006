"""Where MLX's functions, and the project's own, take `bits` and `mode`."""

from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True)
class Signature:
    """Positions count from 0, without `self`; None is keyword-only or not there."""

    bits: int | None
    mode: int | None = None
    biases: int | None = None
    bits_name: str = "bits"
    mode_name: str = "mode"


_FROM_LAYER = Signature(bits=2, mode=3)
TO_QUANTIZED = Signature(bits=1, mode=2)

QUANTIZE = "mlx.core.quantize"

# MLX 0.29.0. `biases` is the slot that may be None since.
FUNCTIONS = {
    QUANTIZE: Signature(bits=2, mode=3),
    "mlx.core.dequantize": Signature(bits=4, mode=5, biases=2),
    "mlx.core.quantized_matmul": Signature(bits=6, mode=7, biases=3),
    "mlx.core.gather_qmm": Signature(bits=8, mode=9, biases=3),
    "mlx.nn.quantize": Signature(bits=2),
    "mlx.nn.QuantizedLinear": Signature(bits=4, mode=5),
    "mlx.nn.QuantizedEmbedding": Signature(bits=3, mode=4),
    "mlx.nn.QuantizedLinear.from_linear": _FROM_LAYER,
    "mlx.nn.QuantizedEmbedding.from_embedding": _FROM_LAYER,
}
LAYERS_WITH_MODE = {"mlx.nn.QuantizedLinear", "mlx.nn.QuantizedEmbedding"}
MODES = {"affine", "mxfp4", "mxfp8", "nvfp4"}


@dataclass(frozen=True)
class Passed:
    """What one call gives a signature."""

    bits: cst.Arg | None
    # The later one of group_size and bits, if both have a name.
    last: cst.Arg | None
    biases: cst.Arg | None
    has_mode: bool
    has_double_star: bool


def match(call: cst.Call, signature: Signature) -> Passed:
    """Find the arguments of a call; nothing is found by position behind a star."""
    by_position: list[cst.Arg] = []
    starred = False
    by_name: dict[str, cst.Arg] = {}
    for arg in call.args:
        if arg.keyword is not None:
            by_name[arg.keyword.value] = arg
        elif arg.star:
            starred = True
        elif not starred:
            by_position.append(arg)

    def find(name: str, position: int | None) -> cst.Arg | None:
        if name in by_name:
            return by_name[name]
        if position is not None and position < len(by_position):
            return by_position[position]
        return None

    bits = find(signature.bits_name, signature.bits)
    group_size = by_name.get(signature.bits_name.removesuffix("bits") + "group_size")
    pair = [arg for arg in call.args if arg is bits or (bits and arg is group_size)]
    return Passed(
        bits=bits,
        last=pair[-1] if pair else None,
        biases=find("biases", signature.biases) if signature.biases else None,
        has_mode=find(signature.mode_name, signature.mode) is not None,
        has_double_star=any(arg.star == "**" for arg in call.args),
    )


def mode_name(bits: str) -> str:
    """Return the name `mode` takes beside a parameter or key named `bits`."""
    prefix = bits.removesuffix("bits")
    if prefix == bits or prefix.strip("_") in {
        "",
        "n",
        "num",
        "w",
        "nb",
        "weight",
        "quant",
    }:
        return "mode"
    return f"{prefix}mode" if prefix.endswith("_") else "mode"


def positional(function: cst.FunctionDef) -> list[str]:
    """Return the names of a function's positional parameters, `self` included."""
    given = function.params
    return [param.name.value for param in (*given.posonly_params, *given.params)]


def parameters(function: cst.FunctionDef) -> dict[str, cst.Param]:
    """Return a function's parameters by name, without the starred ones."""
    given = function.params
    every = (*given.posonly_params, *given.params, *given.kwonly_params)
    return {param.name.value: param for param in every}
