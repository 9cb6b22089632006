"""Multiply by a quantized matrix, or by chosen ones of a stack."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import _core
from .arguments import check_stream, parse_bool, shown
from .arrays import Array, as_array, for_core
from .arrays import bits as as_bits
from .dtypes import FLOAT_NAMES, is_float, is_integral, promoted
from .indices import pair_indices
from .matrices import QuantizedMatrix, core_arguments, parse_quantized
from .parameters import parse_global_scales, parse_quantization

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
    the other rows nor on the number of threads. `global_scale`, which MLX does not take here, is
    that of `quantize`. Raises ValueError where the arrays do not fit the mode or each other.
    """
    function = "quantized_matmul"
    check_stream(function, stream)
    transpose = parse_bool(function, "transpose", transpose)
    quantization = parse_quantization(function, mode, group_size, bits)
    x = as_array(x, function, "x")
    matrix = parse_quantized(function, quantization, w, scales, biases, global_scale)
    return multiply(function, x, matrix, transpose)


def gather_qmm(
    x: Any,
    w: Any,
    /,
    scales: Any,
    biases: Any = None,
    lhs_indices: Any = None,
    rhs_indices: Any = None,
    transpose: bool = True,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    global_scale: Any = None,
    *,
    sorted_indices: bool = False,
    stream: Any = None,
) -> Array:
    """Multiply matrices of a stack x by chosen matrices of a quantized stack.

    `lhs_indices` and `rhs_indices` number the matrices of x, (..., M, K), and of W, (..., N, K) or
    with transpose=False (..., K, N), over all batch dimensions; each is an array of integers, or
    None for all of its matrices in order, and the two broadcast. Returns
    (*indices' shape, M, N), accumulated and rounded as in `quantized_matmul`, which this is
    without indices.

    `global_scale` is one number as in `quantized_matmul`, or one for each matrix of W.
    `sorted_indices` is a hint that changes nothing here. Raises IndexError for an index that is
    negative or too large, where MLX reads other memory.
    """
    function = "gather_qmm"
    check_stream(function, stream)
    transpose = parse_bool(function, "transpose", transpose)
    parse_bool(function, "sorted_indices", sorted_indices)
    quantization = parse_quantization(function, mode, group_size, bits)
    x = as_array(x, function, "x")
    matrix = parse_quantized(function, quantization, w, scales, biases, None)
    factors = parse_global_scales(
        function, quantization.mode, global_scale, matrix.w.shape[:-2]
    )
    return gather(function, x, matrix, factors, lhs_indices, rhs_indices, transpose)


def multiply(
    function: str, x: Array, matrix: QuantizedMatrix, transpose: bool
) -> Array:
    """Return the product of checked arrays, batch dimensions broadcast."""
    dtype = _product_dtype(function, x, matrix)
    inner, columns = _sizes(function, x, matrix, transpose)
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


def gather(
    function: str,
    x: Array,
    matrix: QuantizedMatrix,
    factors: tuple[float | None, ...],
    lhs_indices: Any,
    rhs_indices: Any,
    transpose: bool,
) -> Array:
    """Return the products of pairs; `factors` is the global scale of all, or one for each W."""
    dtype = _product_dtype(function, x, matrix)
    if x.ndim < 2:
        raise ValueError(
            f"[{function}] x has shape {shown(x.shape)}; pass at least 2 dimensions"
        )
    inner, columns = _sizes(function, x, matrix, transpose)
    if lhs_indices is None and rhs_indices is None and len(factors) == 1:
        return multiply(function, x, matrix.scaled(factors[0]), transpose)
    x_batch, w_batch = x.shape[:-2], matrix.w.shape[:-2]
    if lhs_indices is None and rhs_indices is None:
        batch = _broadcast(function, x.shape, x_batch, matrix.w.shape, w_batch)
        shape, lhs, rhs = batch, _indices(x_batch, batch), _indices(w_batch, batch)
    else:
        shape, lhs, rhs = pair_indices(
            function, lhs_indices, rhs_indices, x_batch, w_batch
        )
    out = np.empty((*shape, x.shape[-2], columns), dtype)
    flat = out.reshape(lhs.size, x.shape[-2], columns)
    stack = for_core(x, dtype).reshape(math.prod(x_batch), x.shape[-2], inner)
    for scale, chosen in _by_scale(factors, rhs):
        whole = chosen.size == rhs.size
        part = flat if whole else np.empty((chosen.size, *flat.shape[1:]), dtype)
        _core.quantized_matmul(
            stack,
            *core_arguments(matrix.scaled(scale), dtype),
            matrix.w.shape[-2],
            transpose,
            lhs[chosen],
            rhs[chosen],
            as_bits(part),
        )
        if not whole:
            flat[chosen] = part
    return out


def _by_scale(
    factors: tuple[float | None, ...], rhs: Array
) -> list[tuple[float | None, Array]]:
    """Return each global scale with the places in `rhs` of the matrices that have it."""
    if len(factors) == 1:
        return [(factors[0], np.arange(rhs.size))]
    return [(factors[i], np.flatnonzero(rhs == i)) for i in np.unique(rhs)]


def _sizes(
    function: str, x: Array, matrix: QuantizedMatrix, transpose: bool
) -> tuple[int, int]:
    """Return the inner dimension, which x must have, and the columns of the result."""
    inner, columns = matrix.w.shape[-2], matrix.columns
    if transpose:
        inner, columns = columns, inner
    if x.ndim == 0 or x.shape[-1] != inner:
        raise ValueError(
            f"[{function}] x has shape {shown(x.shape)}, but with transpose={transpose} this w "
            f"takes (..., {inner}); check transpose, group_size and bits"
        )
    return inner, columns


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
