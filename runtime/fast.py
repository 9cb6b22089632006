"""`mlx.core.fast`: attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from .arguments import check_stream, parse_bool, shown
from .arrays import Array, as_array, bits, for_core
from .dtypes import FLOAT_NAMES, is_float, is_integral, promoted

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
    number = _parse_scale(scale)
    q, k, v = (
        as_array(value, _NAME, name) for value, name in ((q, "q"), (k, "k"), (v, "v"))
    )
    _check_shapes(q, k, v)
    dtype = promoted(q.dtype, k.dtype, v.dtype)
    if dtype is None:
        raise ValueError(
            f"[{_NAME}] q, k and v have dtypes {q.dtype.name}, {k.dtype.name} and {v.dtype.name}; "
            f"at least one must be one of {FLOAT_NAMES}, and the others those or integers"
        )
    scores = (*q.shape[:3], k.shape[2])
    causal = _is_causal(mask)
    mask = None if mask is None or causal else _parse_mask(mask, scores, dtype)
    if sinks is not None:
        sinks = for_core(_parse_sinks(sinks, q.shape[1], dtype))
    out = np.empty((*q.shape[:3], v.shape[3]), dtype)
    _core.attention(
        for_core(q, dtype),
        for_core(k, dtype),
        for_core(v, dtype),
        number,
        causal,
        mask,
        _strides(mask, scores),
        sinks,
        bits(out),
    )
    return out


def _parse_scale(scale: Any) -> float:
    try:
        if isinstance(scale, str | bytes) or np.ndim(scale) > 0:
            raise TypeError
        return float(scale)
    except (TypeError, ValueError):
        raise TypeError(f"[{_NAME}] scale is {scale!r}; pass a number") from None


def _check_shapes(q: Array, k: Array, v: Array) -> None:
    for name, array in (("q", q), ("k", k), ("v", v)):
        if array.ndim != 4:
            raise ValueError(
                f"[{_NAME}] {name} has shape {shown(array.shape)}; "
                f"pass 4 dimensions: batch, heads, length, head dimension"
            )
    found = f"q is {shown(q.shape)}, k is {shown(k.shape)}, v is {shown(v.shape)}"
    if not q.shape[0] == k.shape[0] == v.shape[0]:
        raise ValueError(
            f"[{_NAME}] the batch sizes differ: {found}; they must be equal, expand them first"
        )
    if q.shape[3] != k.shape[3]:
        raise ValueError(f"[{_NAME}] q and k need the same head dimension: {found}")
    if k.shape[1] != v.shape[1]:
        raise ValueError(f"[{_NAME}] k and v need the same number of heads: {found}")
    if k.shape[2] != v.shape[2]:
        raise ValueError(f"[{_NAME}] k and v need the same length: {found}")
    if q.shape[1] == 0 or k.shape[1] == 0:
        raise ValueError(f"[{_NAME}] there are no heads: {found}; pass at least one")
    if q.shape[1] % k.shape[1]:
        raise ValueError(
            f"[{_NAME}] the {q.shape[1]} heads of q are not a multiple of the {k.shape[1]} heads "
            f"of k and v, which they share: {found}"
        )


def _is_causal(mask: Any) -> bool:
    if not isinstance(mask, str):
        return False
    if mask != "causal":
        raise ValueError(f'[{_NAME}] mask is "{mask}"; pass None, "causal" or an array')
    return True


def _parse_mask(mask: Any, scores: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    if isinstance(mask, bool):
        raise TypeError(f'[{_NAME}] mask is {mask!r}; pass None, "causal" or an array')
    mask = as_array(mask, _NAME, "mask")
    if mask.dtype != np.bool_:
        if is_integral(mask.dtype):
            raise TypeError(
                f"[{_NAME}] mask has dtype {mask.dtype.name}, which could mean to keep or to add; "
                f"pass mask.astype(bool) to keep where it is not 0, or a float mask to add"
            )
        _check_addend("mask", mask, dtype)
    if mask.ndim > 4:
        raise ValueError(
            f"[{_NAME}] mask has shape {shown(mask.shape)}; pass at most 4 dimensions"
        )
    try:
        np.broadcast_to(mask, scores)
    except ValueError:
        raise ValueError(
            f"[{_NAME}] mask has shape {shown(mask.shape)}, which does not broadcast to "
            f"{shown(scores)}: batch, heads of q, length of q, length of k"
        ) from None
    return for_core(mask)


def _check_addend(name: str, array: Array, dtype: np.dtype[Any]) -> None:
    if not is_float(array.dtype) or promoted(array.dtype, dtype) != dtype:
        raise ValueError(
            f"[{_NAME}] {name} has dtype {array.dtype.name}, which does not promote to the "
            f"result's {dtype.name}; pass {name} as {dtype.name}"
        )


def _parse_sinks(sinks: Any, heads: int, dtype: np.dtype[Any]) -> Array:
    array = as_array(sinks, _NAME, "sinks")
    if array.shape != (heads,):
        raise ValueError(
            f"[{_NAME}] sinks have shape {shown(array.shape)}; "
            f"pass one for each head of q: {shown((heads,))}"
        )
    if is_integral(array.dtype):
        raise TypeError(
            f"[{_NAME}] sinks have dtype {array.dtype.name}, but they are logits; "
            f"pass them as {dtype.name}"
        )
    _check_addend("sinks", array, dtype)
    return array


def _strides(mask: Array | None, scores: tuple[int, ...]) -> tuple[int, ...]:
    """Return how far apart neighbours along each axis of the scores lie in the mask, in elements."""
    if mask is None:
        return (0, 0, 0, 0)
    strides = np.broadcast_to(mask, scores).strides
    return tuple(stride // mask.itemsize for stride in strides)
