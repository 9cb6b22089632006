"""Multiply by a quantized matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import _core
from .arguments import check_stream, parse_bool, shown
from .arrays import Array, as_array, for_core
from .arrays import bits as as_bits
from .dtypes import FLOAT_NAMES, is_float, is_integral, promoted
from .matrices import QuantizedMatrix, core_arguments, parse_quantized
from .parameters import parse_quantization

_FIRST = np.zeros(1, np.int64)


def quantized_matmul(
    x: Any,
    w: Any,
    /,
    scales: Any,
    biases: Any = None,
    transpose: bool = True,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    *,
    global_scale: Any = None,
    stream: Any = None,
) -> Array:
    """Multiply x by a quantized matrix: x @ W.T, or x @ W with transpose=False.

    x is (..., M, K) or (K,). `w` with its scales and biases is W as `quantize` returned it: W is
    (..., N, K) or, with transpose=False, (..., K, N). Batch dimensions broadcast as in
    `numpy.matmul`; the result is (..., M, N), or (..., N) for a one-dimensional x.

    Products are accumulated in float32 or wider and rounded once to the type that x, scales and
    biases promote to (x's own in modes with byte scales). A row of the result depends neither on
    the other rows nor on the number of threads. `global_scale`, which MLX does not take here, is that of `quantize`. Raises
    ValueError where the arrays do not fit the mode or each other.
    """
    function = "quantized_matmul"
    check_stream(function, stream)
    transpose = parse_bool(function, "transpose", transpose)
    quantization = parse_quantization(function, mode, group_size, bits)
    x = as_array(x, function, "x")
    matrix = parse_quantized(function, quantization, w, scales, biases, global_scale)
    dtype = _product_dtype(function, x, matrix)
    inner, columns = matrix.w.shape[-2], matrix.columns
    if transpose:
        inner, columns = columns, inner
    if x.ndim == 0 or x.shape[-1] != inner:
        raise ValueError(
            f"[{function}] x has shape {shown(x.shape)}, but with transpose={transpose} this w "
            f"takes (..., {inner}); check transpose, group_size and bits"
        )

    rows = x.shape[-2] if x.ndim > 1 else 1
    x_batch, w_batch = x.shape[:-2], matrix.w.shape[:-2]
    out_shape = (*x.shape[:-1], columns)
    if w_batch:
        batch = _broadcast(function, x.shape, x_batch, matrix.w.shape, w_batch)
        out_shape = (*batch, *out_shape[len(x_batch) :])
    else:
        # One matrix for all: one product with all rows.
        x_batch = batch = ()
        rows = math.prod(x.shape[:-1])
    out = np.empty(out_shape, dtype)
    _core.quantized_matmul(
        for_core(x, dtype).reshape(math.prod(x_batch), rows, inner),
        *core_arguments(matrix, dtype),
        matrix.w.shape[-2],
        transpose,
        _indices(x_batch, batch),
        _indices(w_batch, batch),
        as_bits(out),
    )
    return out


def _product_dtype(function: str, x: Array, matrix: QuantizedMatrix) -> np.dtype[Any]:
    byte_scales = matrix.quantization.mode.scale_format is not None
    if not is_float(x.dtype) and (byte_scales or not is_integral(x.dtype)):
        also = "" if byte_scales else ", bool or an integer type"
        raise ValueError(
            f"[{function}] x has dtype {x.dtype.name}; mode "
            f'"{matrix.quantization.mode.name}" takes {FLOAT_NAMES}{also}'
        )
    arrays = (x,) if matrix.biases is None else (x, matrix.scales, matrix.biases)
    dtype = promoted(*(array.dtype for array in arrays))
    assert dtype is not None
    return dtype


def _broadcast(
    function: str,
    x_shape: tuple[int, ...],
    x_batch: tuple[int, ...],
    w_shape: tuple[int, ...],
    w_batch: tuple[int, ...],
) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(x_batch, w_batch)
    except ValueError:
        raise ValueError(
            f"[{function}] x has shape {shown(x_shape)} and w has {shown(w_shape)}, whose batch "
            f"dimensions (all but the last two) do not broadcast; make them equal or 1"
        ) from None


def _indices(own: tuple[int, ...], batch: tuple[int, ...]) -> Array:
    """Return for each matrix of `batch` which one of `own` it is, as int64."""
    if not batch:
        return _FIRST
    flat = np.arange(math.prod(own), dtype=np.int64).reshape(own)
    return np.ascontiguousarray(np.broadcast_to(flat, batch)).reshape(-1)
