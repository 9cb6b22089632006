"""Checks that any function of the API makes of its plain arguments."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from .dtypes import FLOAT_NAMES, is_float, parse_dtype


def shown(shape: tuple[int, ...]) -> str:
    """Return a shape as messages show it."""
    return "(" + ", ".join(map(str, shape)) + ")"


def listed(names: Iterable[object]) -> str:
    """Return "a, b or c"."""
    *first, last = map(str, names)
    return f"{', '.join(first)} or {last}" if first else last


def check_stream(function: str, stream: Any) -> None:
    """Accept None, "cpu" and MLX's devices and streams of the CPU; refuse all else."""
    if stream is None:
        return
    text = str(stream).lower()
    if isinstance(stream, str | int | float):
        known = stream == "cpu" or stream == "gpu"
    else:
        known = type(stream).__module__.partition(".")[0] in ("mlx", "mlxport")
    if known and "gpu" in text:
        raise ValueError(
            f"[{function}] stream asks for the GPU, but this build computes on the CPU; "
            f'leave stream out or pass "cpu"'
        )
    if not (known and "cpu" in text):
        raise TypeError(
            f"[{function}] stream is {stream!r}; pass None, "
            f'"cpu", or a device or stream of the CPU from mlx.core'
        )


def parse_int(function: str, name: str, value: Any) -> int:
    """Return an integer argument as an int; bool counts as one, as for MLX."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"[{function}] {name} is {value!r}; pass an int or None"
        ) from None


def parse_bool(function: str, name: str, value: Any) -> bool:
    """Return a flag, which must be a bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"[{function}] {name} is {value!r}; pass True or False")
    return bool(value)


def parse_float_dtype(function: str, value: Any) -> np.dtype[Any]:
    """Return the dtype of an argument `dtype=`, which must be a floating-point type."""
    dtype = parse_dtype(value)
    if dtype is None:
        raise TypeError(
            f"[{function}] dtype is {value!r}, not a dtype; pass one of {FLOAT_NAMES}"
        )
    if not is_float(dtype):
        raise ValueError(
            f"[{function}] dtype is {dtype.name}, but the result is a real floating type; "
            f"pass one of {FLOAT_NAMES}"
        )
    return dtype
