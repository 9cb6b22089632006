"""`mlx.core.fast`: attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from .arguments import check_stream, parse_bool
from .arrays import Array, as_array, bits, for_core
from .attention_arguments import (
    check_shapes,
    is_causal,
    parse_mask,
    parse_scale,
    parse_sinks,
    parse_window,
    strides,
)
from .dtypes import FLOAT_NAMES, is_float, promoted
from .matrices import QuantizedMatrix, core_arguments, parse_quantized
from .parameters import Quantization, parse_quantization

_NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    scale: float,
    mask: Any = None,
    sinks: Any = None,
    force_fused: bool = False,
    window: int | None = None,
    stream: Any = None,
) -> Array:
    """Return softmax(scale * q @ k.T + mask) @ v.

    q is (B, N_q, T_q, D), k is (B, N_kv, T_kv, D), v is (B, N_kv, T_kv, D_v); N_q is a multiple of
    N_kv, whose heads are shared. Returns (B, N_q, T_q, D_v) of the type that q, k and v promote to,
    computed in double and rounded once.

    `mask` is None, "causal", or an array of up to 4 dimensions that broadcasts to
    (B, N_q, T_q, T_kv): bool keeps a key where it is True, floats are added to the scores.
    "causal" aligns the ends: query i sees key j where j <= i + T_kv - T_q. A key is masked by
    False, -inf or the least number of the mask's type; nothing of it enters the result, NaN and
    infinity neither. A query that sees no key gives zeros.

    `window`, which MLX does not take, lets a query see no more than the last `window` keys up to
    its own place: j > i + T_kv - T_q - window. It adds to the mask.

    `sinks` is (N_q,): one more logit for each head, whose value is zero.

    Raises ValueError for shapes and types that do not fit, TypeError for what is no array and for
    integer masks, which MLX adds to the scores.
    """
    check_stream(_NAME, stream)
    if parse_bool(_NAME, "force_fused", force_fused):
        raise ValueError(
            f"[{_NAME}] force_fused=True asks for a fused GPU kernel, but this build computes on "
            f"the CPU; leave force_fused out"
        )
    number = parse_scale(_NAME, scale)
    q, k, v = (
        as_array(value, _NAME, name) for value, name in ((q, "q"), (k, "k"), (v, "v"))
    )
    check_shapes(_NAME, (q.shape, k.shape, v.shape))
    dtype = promoted(q.dtype, k.dtype, v.dtype)
    if dtype is None:
        raise ValueError(
            f"[{_NAME}] q, k and v have dtypes {q.dtype.name}, {k.dtype.name} and {v.dtype.name}; "
            f"at least one must be one of {FLOAT_NAMES}, and the others those or integers"
        )
    return _attend(
        _NAME,
        q,
        for_core(k, dtype),
        for_core(v, dtype),
        k.shape,
        v.shape[3],
        dtype,
        number,
        mask,
        parse_window(_NAME, window),
        sinks,
    )


def quantized_scaled_dot_product_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    scale: float,
    mask: Any = None,
    sinks: Any = None,
    window: int | None = None,
    group_size: int | None = None,
    bits: int | None = None,
    mode: str = "affine",
    k_global_scale: Any = None,
    v_global_scale: Any = None,
    stream: Any = None,
) -> Array:
    """Return `scaled_dot_product_attention` over quantized keys and values, which MLX has not.

    k and v are each the arrays that `quantize` returned for (B, N_kv, T_kv, D) and
    (B, N_kv, T_kv, D_v), in one quantization; their heads are read one at a time and never
    written out. The global scales are those of `quantize`. Returns (B, N_q, T_q, D_v) of the type
    that q, the scales and biases promote to, q's own in modes with byte scales.
    """
    function = "quantized_scaled_dot_product_attention"
    check_stream(function, stream)
    quantization = parse_quantization(function, mode, group_size, bits)
    number = parse_scale(function, scale)
    q = as_array(q, function, "q")
    keys = _parse_rows(function, quantization, "k", k, k_global_scale)
    values = _parse_rows(function, quantization, "v", v, v_global_scale)
    shape = (*keys.w.shape[:-1], keys.columns)
    check_shapes(function, (q.shape, shape, (*values.w.shape[:-1], values.columns)))
    stored = [
        array.dtype
        for matrix in (keys, values)
        if matrix.biases is not None
        for array in (matrix.scales, matrix.biases)
    ]
    dtype = promoted(q.dtype, *stored) if is_float(q.dtype) else None
    if dtype is None:
        raise ValueError(
            f"[{function}] q has dtype {q.dtype.name}; pass one of {FLOAT_NAMES}"
        )
    return _attend(
        function,
        q,
        core_arguments(keys),
        core_arguments(values),
        shape,
        values.columns,
        dtype,
        number,
        mask,
        parse_window(function, window),
        sinks,
    )


def _parse_rows(
    function: str, quantization: Quantization, name: str, arrays: Any, scale: Any
) -> QuantizedMatrix:
    expected = 3 if quantization.mode.has_biases else 2
    if not isinstance(arrays, list | tuple) or len(arrays) != expected:
        raise TypeError(
            f"[{function}] {name} is not the {expected} arrays that quantize returned in mode "
            f'"{quantization.mode.name}"; pass them as a list or tuple'
        )
    w, scales, *biases = arrays
    return parse_quantized(
        function, quantization, w, scales, biases[0] if biases else None, scale
    )


def _attend(
    function: str,
    q: Array,
    k: Any,
    v: Any,
    k_shape: tuple[int, ...],
    value_dim: int,
    dtype: np.dtype[Any],
    scale: float,
    mask: Any,
    window: int,
    sinks: Any,
) -> Array:
    """Attend with checked q, k and v, k and v as the core takes them."""
    _, kv_heads, keys, _ = k_shape
    batch, heads, queries, dim = q.shape
    scores = (batch, heads, queries, keys)
    causal = is_causal(function, mask)
    mask = None if mask is None or causal else parse_mask(function, mask, scores, dtype)
    if sinks is not None:
        sinks = for_core(parse_sinks(function, sinks, heads, dtype))
    out = np.empty((batch, heads, queries, value_dim), dtype)
    _core.attention(
        (batch, heads, kv_heads, queries, keys, dim, value_dim),
        for_core(q, dtype),
        k,
        v,
        scale,
        causal,
        window,
        mask,
        strides(mask, scores),
        sinks,
        bits(out),
    )
    return out
