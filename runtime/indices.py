"""Indices of the matrices that a gathered product multiplies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arguments import shown
from .arrays import Array, as_array


def pair_indices(
    function: str,
    lhs: Any,
    rhs: Any,
    x_batch: tuple[int, ...],
    w_batch: tuple[int, ...],
) -> tuple[tuple[int, ...], Array, Array]:
    """Return the shape of the pairs, and for each the matrix of x and of w, flat and int64."""
    left = _parse(function, "lhs_indices", lhs, "x", x_batch)
    right = _parse(function, "rhs_indices", rhs, "w", w_batch)
    try:
        shape = np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        raise ValueError(
            f"[{function}] lhs_indices have shape {shown(left.shape)} and rhs_indices "
            f"{shown(right.shape)}, which do not broadcast; pass one for each pair"
        ) from None
    flat = [
        np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(-1)
        for array in (left, right)
    ]
    return shape, flat[0], flat[1]


def _parse(
    function: str, name: str, value: Any, stack: str, batch: tuple[int, ...]
) -> Array:
    count = math.prod(batch)
    if value is None:
        return np.arange(count, dtype=np.int64).reshape(batch)
    array = as_array(value, function, name)
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"[{function}] {name} have dtype {array.dtype.name}; pass integers"
        )
    # Compared before the conversion, which could wrap a large uint64.
    bad = (array < 0) | (array >= count)
    if bad.any():
        raise IndexError(
            f"[{function}] {name} hold {array[bad].flat[0]}, but {stack} has {count} "
            f"matrices; pass 0 to {count - 1}"
            if count
            else f"[{function}] {name} hold {array[bad].flat[0]}, but {stack} has no matrices"
        )
    return array.astype(np.int64)
