"""Products of which both sides are quantized."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import check_stream, listed, parse_bool, shown
from .arrays import Array, as_array
from .dtypes import FLOAT_NAMES, is_float
from .matrices import QuantizedMatrix, parse_quantized
from .multiplication import gather, multiply
from .parameters import (
    Quantization,
    parse_global_scale,
    parse_global_scales,
    parse_quantization,
)
from .quantization import dequantize, quantize
from .registry import MODES


def qqmm(
    x: Any,
    w: Any,
    /,
    scales: Any = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "nvfp4",
    global_scale_x: Any = None,
    global_scale_w: Any = None,
    *,
    stream: Any = None,
) -> Array:
    """Return x @ W.T with x rounded to the values of `mode`, as if quantized.

    x is (..., K) and floating, K a multiple of the group size. `w` with `scales` is W (N, K) as
    `quantize` returned it; without scales it is W itself, and is quantized first. Returns (..., N)
    of x's dtype, accumulated and rounded once as in `quantized_matmul`. A group of x with NaN or
    infinity makes its row NaN.

    The global scales, both or neither, are the largest magnitudes of x and W, as float32 arrays of
    one element. Raises ValueError for a mode with biases, for which MLX returns garbage.
    """
    function = "qqmm"
    check_stream(function, stream)
    quantization = _parse_mode(function, mode, group_size, bits)
    _check_both(function, global_scale_x, global_scale_w)
    x = _rounded(function, quantization, as_array(x, function, "x"), global_scale_x)
    matrix = _parse_weights(function, quantization, w, scales, global_scale_w)
    if matrix.w.ndim != 2:
        raise ValueError(
            f"[{function}] w has shape {shown(matrix.w.shape)}; pass a matrix, or use gather_qqmm"
        )
    scale = parse_global_scale(function, quantization.mode, global_scale_w)
    return multiply(function, x, matrix.scaled(scale), transpose=True)


def gather_qqmm(
    x: Any,
    w: Any,
    /,
    scales: Any = None,
    lhs_indices: Any = None,
    rhs_indices: Any = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "nvfp4",
    global_scale_x: Any = None,
    global_scale_w: Any = None,
    *,
    sorted_indices: bool = False,
    stream: Any = None,
) -> Array:
    """Return what `gather_qmm` does, with x rounded to the values of `mode` as in `qqmm`.

    x is (..., M, K), W (..., N, K); `global_scale_w` is one number, or one for each matrix of W.
    """
    function = "gather_qqmm"
    check_stream(function, stream)
    parse_bool(function, "sorted_indices", sorted_indices)
    quantization = _parse_mode(function, mode, group_size, bits)
    _check_both(function, global_scale_x, global_scale_w)
    x = _rounded(function, quantization, as_array(x, function, "x"), global_scale_x)
    if scales is None and np.size(global_scale_w) > 1:
        raise ValueError(
            f"[{function}] w is not quantized and global_scale_w has shape "
            f"{shown(np.shape(global_scale_w))}; pass one number, or quantize w first"
        )
    matrix = _parse_weights(function, quantization, w, scales, global_scale_w)
    factors = parse_global_scales(
        function, quantization.mode, global_scale_w, matrix.w.shape[:-2]
    )
    return gather(function, x, matrix, factors, lhs_indices, rhs_indices, True)


def _parse_mode(function: str, mode: Any, group_size: Any, bits: Any) -> Quantization:
    quantization = parse_quantization(function, mode, group_size, bits)
    if quantization.mode.has_biases:
        others = listed(name for name, found in MODES.items() if not found.has_biases)
        raise ValueError(
            f'[{function}] mode "{quantization.mode.name}" has biases, which x cannot have here; '
            f"pass {others}"
        )
    return quantization


def _check_both(function: str, x_scale: Any, w_scale: Any) -> None:
    if (x_scale is None) != (w_scale is None):
        missing, given = ("x", "w") if x_scale is None else ("w", "x")
        raise ValueError(
            f"[{function}] global_scale_{given} is given and global_scale_{missing} is not; "
            f"pass both or neither"
        )


def _check_matrix(
    function: str, quantization: Quantization, name: str, array: Array
) -> None:
    if not is_float(array.dtype):
        raise ValueError(
            f"[{function}] {name} has dtype {array.dtype.name}; pass one of {FLOAT_NAMES}"
        )
    if array.ndim == 0 or array.shape[-1] % quantization.group_size:
        raise ValueError(
            f"[{function}] {name} has shape {shown(array.shape)}; its last dimension must be a "
            f"multiple of the group size {quantization.group_size}"
        )


def _rounded(
    function: str, quantization: Quantization, x: Array, global_scale: Any
) -> Array:
    """Return x as it reads back after quantization, in its own dtype."""
    _check_matrix(function, quantization, "x", x)
    parse_global_scale(function, quantization.mode, global_scale)
    mode = quantization.mode.name
    sizes = quantization.group_size, quantization.bits
    w_q, scales = quantize(
        np.atleast_2d(x), *sizes, mode, global_scale, nonfinite="propagate"
    )
    values = dequantize(w_q, scales, None, *sizes, mode, global_scale, x.dtype)
    return values.reshape(x.shape)


def _parse_weights(
    function: str, quantization: Quantization, w: Any, scales: Any, global_scale: Any
) -> QuantizedMatrix:
    """Return W without its global scale, quantized here if it is not."""
    w = as_array(w, function, "w")
    if scales is None:
        if w.dtype == np.uint32:
            raise ValueError(
                f"[{function}] w is uint32 and scales are missing; "
                f"pass both arrays that quantize returned, or a float w"
            )
        _check_matrix(function, quantization, "w", w)
        if w.ndim < 2:
            raise ValueError(
                f"[{function}] w has shape {shown(w.shape)}; pass at least 2 dimensions"
            )
        w, scales = quantize(
            w,
            quantization.group_size,
            quantization.bits,
            quantization.mode.name,
            global_scale,
            nonfinite="propagate",
        )
    return parse_quantized(function, quantization, w, scales, None, None)
