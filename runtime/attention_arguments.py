"""Checks of what attention takes: shapes, mask, sinks, window."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import parse_int, shown
from .arrays import Array, as_array, for_core
from .dtypes import is_float, is_integral, promoted


def parse_scale(function: str, scale: Any) -> float:
    """Return the factor of the scores, which may be an array of no dimensions."""
    try:
        if isinstance(scale, str | bytes) or np.ndim(scale) > 0:
            raise TypeError
        return float(scale)
    except (TypeError, ValueError):
        raise TypeError(f"[{function}] scale is {scale!r}; pass a number") from None


def check_shapes(
    function: str, shapes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
) -> None:
    """Check the shapes of q, k and v against each other."""
    q, k, v = shapes
    for name, shape in zip("qkv", shapes, strict=True):
        if len(shape) != 4:
            raise ValueError(
                f"[{function}] {name} has shape {shown(shape)}; "
                f"pass 4 dimensions: batch, heads, length, head dimension"
            )
    found = f"q is {shown(q)}, k is {shown(k)}, v is {shown(v)}"
    if not q[0] == k[0] == v[0]:
        raise ValueError(
            f"[{function}] the batch sizes differ: {found}; they must be equal, expand them first"
        )
    if q[3] != k[3]:
        raise ValueError(f"[{function}] q and k need the same head dimension: {found}")
    if k[1] != v[1]:
        raise ValueError(f"[{function}] k and v need the same number of heads: {found}")
    if k[2] != v[2]:
        raise ValueError(f"[{function}] k and v need the same length: {found}")
    if q[1] == 0 or k[1] == 0:
        raise ValueError(f"[{function}] there are no heads: {found}; pass at least one")
    if q[1] % k[1]:
        raise ValueError(
            f"[{function}] the {q[1]} heads of q are not a multiple of the {k[1]} heads "
            f"of k and v, which they share: {found}"
        )


def is_causal(function: str, mask: Any) -> bool:
    """Say whether a mask is "causal"; any other string is an error."""
    if not isinstance(mask, str):
        return False
    if mask != "causal":
        raise ValueError(
            f'[{function}] mask is "{mask}"; pass None, "causal" or an array'
        )
    return True


def parse_mask(
    function: str, mask: Any, scores: tuple[int, ...], dtype: np.dtype[Any]
) -> Array:
    """Return a mask that broadcasts to the scores, bool or of floats that `dtype` holds."""
    if isinstance(mask, bool):
        raise TypeError(
            f'[{function}] mask is {mask!r}; pass None, "causal" or an array'
        )
    mask = as_array(mask, function, "mask")
    if mask.dtype != np.bool_:
        if is_integral(mask.dtype):
            raise TypeError(
                f"[{function}] mask has dtype {mask.dtype.name}, which could mean to keep or to add; "
                f"pass mask.astype(bool) to keep where it is not 0, or a float mask to add"
            )
        _check_addend(function, "mask", mask, dtype)
    if mask.ndim > 4:
        raise ValueError(
            f"[{function}] mask has shape {shown(mask.shape)}; pass at most 4 dimensions"
        )
    try:
        np.broadcast_to(mask, scores)
    except ValueError:
        raise ValueError(
            f"[{function}] mask has shape {shown(mask.shape)}, which does not broadcast to "
            f"{shown(scores)}: batch, heads of q, length of q, length of k"
        ) from None
    return for_core(mask)


def _check_addend(function: str, name: str, array: Array, dtype: np.dtype[Any]) -> None:
    if not is_float(array.dtype) or promoted(array.dtype, dtype) != dtype:
        raise ValueError(
            f"[{function}] {name} has dtype {array.dtype.name}, which does not promote to the "
            f"result's {dtype.name}; pass {name} as {dtype.name}"
        )


def parse_sinks(function: str, sinks: Any, heads: int, dtype: np.dtype[Any]) -> Array:
    """Return one logit for each head of q."""
    array = as_array(sinks, function, "sinks")
    if array.shape != (heads,):
        raise ValueError(
            f"[{function}] sinks have shape {shown(array.shape)}; "
            f"pass one for each head of q: {shown((heads,))}"
        )
    if is_integral(array.dtype):
        raise TypeError(
            f"[{function}] sinks have dtype {array.dtype.name}, but they are logits; "
            f"pass them as {dtype.name}"
        )
    _check_addend(function, "sinks", array, dtype)
    return array


def strides(mask: Array | None, scores: tuple[int, ...]) -> tuple[int, ...]:
    """Return how far apart neighbours along each axis of the scores lie in the mask, in elements."""
    if mask is None:
        return (0, 0, 0, 0)
    strides = np.broadcast_to(mask, scores).strides
    return tuple(stride // mask.itemsize for stride in strides)


def parse_window(function: str, window: Any) -> int:
    """Return the length of the sliding window, 0 for none."""
    if window is None:
        return 0
    number = parse_int(function, "window", window)
    if number < 1:
        raise ValueError(f"[{function}] window is {number}; pass at least 1, or None")
    return min(number, 2**62)
