"""`mlx.core` over NumPy: what quantization and attention code calls, by MLX's names."""

from collections.abc import Sequence
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import fast as fast
from .. import random as random
from ..doubly_quantized import gather_qqmm as gather_qqmm
from ..doubly_quantized import qqmm as qqmm
from ..fp8 import from_fp8 as from_fp8
from ..fp8 import to_fp8 as to_fp8
from ..multiplication import gather_qmm as gather_qmm
from ..multiplication import quantized_matmul as quantized_matmul
from ..quantization import dequantize as dequantize
from ..quantization import quantize as quantize

bool_ = np.dtype(np.bool_)
uint8, uint16, uint32, uint64 = map(np.dtype, ("uint8", "uint16", "uint32", "uint64"))
int8, int16, int32, int64 = map(np.dtype, ("int8", "int16", "int32", "int64"))
float16, float32, float64 = map(np.dtype, ("float16", "float32", "float64"))
bfloat16 = np.dtype(ml_dtypes.bfloat16)
inf, nan, pi = np.inf, np.nan, np.pi

# The same name, arguments and meaning in both libraries.
_SAME = frozenset(
    [
        "abs",
        "all",
        "any",
        "argmax",
        "argmin",
        "argsort",
        "broadcast_to",
        "ceil",
        "clip",
        "concatenate",
        "cos",
        "divide",
        "equal",
        "exp",
        "expand_dims",
        "floor",
        "greater",
        "greater_equal",
        "isinf",
        "isnan",
        "less",
        "less_equal",
        "log",
        "logical_and",
        "logical_not",
        "logical_or",
        "matmul",
        "max",
        "maximum",
        "mean",
        "min",
        "minimum",
        "moveaxis",
        "multiply",
        "negative",
        "not_equal",
        "pad",
        "prod",
        "repeat",
        "reshape",
        "round",
        "sin",
        "sort",
        "split",
        "sqrt",
        "square",
        "squeeze",
        "stack",
        "std",
        "subtract",
        "sum",
        "swapaxes",
        "take",
        "tanh",
        "tile",
        "transpose",
        "tri",
        "tril",
        "triu",
        "var",
        "where",
    ]
)


class _ArrayType(type):
    """Let `mx.array` make NumPy arrays and be their type in isinstance."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, np.ndarray)

    def __call__(cls, value: Any = (), dtype: DTypeLike | None = None) -> NDArray[Any]:
        made = np.array(value, dtype=dtype)
        # MLX holds Python's numbers in 32 bits.
        if dtype is None and made.dtype == np.float64:
            return made.astype(np.float32)
        if (
            dtype is None
            and made.dtype == np.int64
            and not isinstance(value, np.ndarray)
        ):
            return made.astype(np.int32)
        return made


class array(metaclass=_ArrayType):
    """`mx.array(value, dtype=None)`."""


def __getattr__(name: str) -> Any:
    if name in _SAME:
        return getattr(np, name)
    raise AttributeError(
        f"mlxport's stand-in for mlx.core has no {name!r}; it covers quantization, "
        "attention and the array functions around them"
    )


def zeros(shape: int | Sequence[int], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return zeros, float32 unless `dtype` says otherwise."""
    return np.zeros(shape, dtype)


def ones(shape: int | Sequence[int], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return ones, float32 unless `dtype` says otherwise."""
    return np.ones(shape, dtype)


def arange(*bounds: float, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """Return start, start + step, ... below stop: int32, or float32 for a float bound."""
    whole = all(isinstance(bound, int) for bound in bounds)
    return np.arange(*bounds, dtype=dtype or (np.int32 if whole else np.float32))


def softmax(
    x: NDArray[Any], axis: int | Sequence[int] = -1, precise: bool = False
) -> NDArray[Any]:
    """Return exp(x) / sum(exp(x)) along `axis`, computed in float32 or wider."""
    axes = axis if isinstance(axis, int) else tuple(axis)
    wide = x.astype(np.result_type(x.dtype, np.float32))
    powers = np.exp(wide - wide.max(axis=axes, keepdims=True))
    share: NDArray[Any] = powers / powers.sum(axis=axes, keepdims=True)
    return share.astype(x.dtype)


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """Return 1 / (1 + exp(-x)), computed in float32 or wider."""
    wide = x.astype(np.result_type(x.dtype, np.float32))
    # tanh does not overflow where exp(-x) does.
    value: NDArray[Any] = 0.5 * (1.0 + np.tanh(0.5 * wide))
    return value.astype(x.dtype)


def eval(*_: Any) -> None:  # noqa: A001
    """Do nothing: NumPy has evaluated already."""


def savez(file: str, *args: NDArray[Any], **kwargs: NDArray[Any]) -> None:
    """Save arrays in NumPy's npz format, which has no bfloat16 (ValueError)."""
    for name, value in kwargs.items():
        if value.dtype == bfloat16:
            raise ValueError(
                f"[savez] {name} is bfloat16, which npz cannot hold; use float32"
            )
    named: Any = kwargs
    np.savez(file, *args, **named)


def load(file: str) -> dict[str, NDArray[Any]] | NDArray[Any]:
    """Load an npy file, or an npz file as a dict."""
    loaded = np.load(file, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        return dict(loaded)
