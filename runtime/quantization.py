"""Quantize and dequantize."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from . import _core
from .arguments import check_stream, parse_float_dtype, shown
from .arrays import Array, as_array, for_core
from .arrays import bits as as_bits
from .dtypes import FLOAT_NAMES, FLOATS, is_float, parse_dtype, promoted
from .matrices import core_arguments, parse_quantized
from .parameters import Quantization, parse_global_scale, parse_quantization


def quantize(
    w: Any,
    /,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: Any = None,
    *,
    nonfinite: Literal["error", "propagate"] = "error",
    stream: Any = None,
) -> list[Array]:
    """Quantize groups of `group_size` consecutive elements of the last axis to `bits` bits.

    `w` is (..., K) of float16, bfloat16, float32 or float64, K a multiple of the group size.
    Returns [w_q, scales] or, in a mode with biases, [w_q, scales, biases]: w_q is uint32
    (..., K * bits / 32), scales and biases are (..., K / group_size), of w's dtype or uint8.
    Arithmetic is float32, float64 for float64. `modes()` lists what each mode allows.

    `global_scale`, for nvfp4, is the largest magnitude of the tensor as a float32 array of one
    element. Without it nvfp4 holds 0.006 to 2688 only: smaller groups become 0, larger ones
    saturate.

    Raises ValueError for a group with NaN or infinity, or whose scale does not fit w's dtype;
    nonfinite="propagate" lets all of such a group read as NaN instead. Raises ValueError or
    TypeError for arguments that do not fit, as all functions here do.
    """
    function = "quantize"
    check_stream(function, stream)
    quantization = parse_quantization(function, mode, group_size, bits)
    if nonfinite not in ("error", "propagate"):
        raise ValueError(
            f'[{function}] nonfinite is {nonfinite!r}; pass "error" or "propagate"'
        )
    w = as_array(w, function, "w")
    scale = parse_global_scale(function, quantization.mode, global_scale)
    _check_weights(function, quantization, w)

    rows = w.shape[:-1]
    columns = w.shape[-1]
    described = quantization.mode
    scale_shape = (*rows, columns // quantization.group_size)
    w_q = np.empty((*rows, columns * quantization.bits // 32), np.uint32)
    scales = np.empty(scale_shape, np.uint8 if described.scale_format else w.dtype)
    biases = np.empty(scale_shape, w.dtype) if described.has_biases else None
    bad = _core.quantize(
        for_core(w).reshape(math.prod(rows), columns),
        described.name,
        quantization.group_size,
        quantization.bits,
        scale,
        nonfinite == "propagate",
        w_q,
        as_bits(scales),
        None if biases is None else as_bits(biases),
    )
    if bad is not None:
        raise ValueError(_bad_group(function, quantization, w, *bad))
    return [w_q, scales] if biases is None else [w_q, scales, biases]


def _check_weights(function: str, quantization: Quantization, w: Array) -> None:
    if not is_float(w.dtype):
        raise ValueError(
            f"[{function}] w has dtype {w.dtype.name}, but only real floating types can be "
            f"quantized; pass one of {FLOAT_NAMES}"
        )
    if w.ndim < 2:
        raise ValueError(
            f"[{function}] w has shape {shown(w.shape)}, but a matrix has at least 2 dimensions; "
            f"reshape it"
        )
    if w.shape[-1] % quantization.group_size:
        raise ValueError(
            f"[{function}] the last dimension of w is {w.shape[-1]} (shape {shown(w.shape)}), "
            f"not a multiple of the group size {quantization.group_size}; pad it with zeros, or "
            f"pass another group_size ({quantization.mode.name} has "
            f"{', '.join(map(str, quantization.mode.group_sizes))})"
        )


def _bad_group(
    function: str,
    quantization: Quantization,
    w: Array,
    row: int,
    group: int,
    finite: bool,
) -> str:
    index = tuple(map(int, np.unravel_index(row, w.shape[:-1])))
    where = f"row {index[0] if len(index) == 1 else index}, group {group}"
    start = group * quantization.group_size
    columns = f"columns {start} to {start + quantization.group_size - 1}"
    if finite:
        return (
            f"[{function}] {where} of w ({columns}) has a range that needs a scale beyond "
            f"{w.dtype.name}; quantize it in a wider type or with more bits"
        )
    return (
        f"[{function}] {where} of w ({columns}) holds NaN or infinity; replace them, or pass "
        f'nonfinite="propagate" to let the group read as NaN'
    )


def dequantize(
    w: Any,
    /,
    scales: Any,
    biases: Any = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: Any = None,
    dtype: Any = None,
    *,
    stream: Any = None,
) -> Array:
    """Return the (..., K) values of a matrix that `quantize` made.

    Without `dtype` the result has the type that scales and biases promote to, and bfloat16 in the
    modes with byte scales. As in MLX, a value with a bias is rounded to the scales' type before
    `dtype` is applied, so a wider `dtype` makes it no more precise. `global_scale` is that of
    `quantize`. Raises ValueError where the arrays do not fit the mode or each other; a wrong
    group size and width that happen to fit the shapes cannot be told.
    """
    function = "dequantize"
    check_stream(function, stream)
    if (
        dtype is None
        and global_scale is not None
        and parse_dtype(global_scale) is not None
    ):
        # MLX 0.30 had dtype where global_scale now is.
        global_scale, dtype = None, global_scale
    quantization = parse_quantization(function, mode, group_size, bits)
    matrix = parse_quantized(function, quantization, w, scales, biases, global_scale)
    own = FLOATS["bfloat16"]
    if matrix.biases is not None:
        both = promoted(matrix.scales.dtype, matrix.biases.dtype)
        assert both is not None
        own = both
    out = np.empty(
        (*matrix.w.shape[:-1], matrix.columns),
        own if dtype is None else parse_float_dtype(function, dtype),
    )
    _core.dequantize(*core_arguments(matrix), as_bits(out))
    return out
