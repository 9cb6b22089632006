"""Checks of what a quantization is asked to be: mode, group size, bits, global scale."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import listed, parse_int, shown
from .arrays import as_array
from .registry import MODES, Mode

# Below the normal numbers of float32 a quotient is not precise, and its inverse overflows.
_SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Quantization:
    """A mode with a group size and a number of bits that it allows."""

    mode: Mode
    group_size: int
    bits: int

    def __str__(self) -> str:
        return f"{self.bits}-bit {self.mode.name} with groups of {self.group_size}"


def parse_quantization(
    function: str, mode: Any, group_size: Any, bits: Any
) -> Quantization:
    """Return the quantization asked for; None stands for the mode's default."""
    found = _parse_mode(function, mode)
    if group_size is None:
        group_size = found.default_group_size
    if bits is None:
        bits = found.default_bits
    return Quantization(
        found,
        _allowed(function, found, "group_size", group_size, found.group_sizes),
        _allowed(function, found, "bits", bits, found.bits),
    )


def _parse_mode(function: str, mode: Any) -> Mode:
    if not isinstance(mode, str):
        raise TypeError(f"[{function}] mode is {mode!r}; pass one of {listed(MODES)}")
    if mode not in MODES:
        close = difflib.get_close_matches(mode.lower(), MODES, n=1)
        meant = f'; did you mean "{close[0]}"?' if close else ""
        raise ValueError(
            f'[{function}] unknown mode "{mode}"; pass one of {listed(MODES)}{meant}'
        )
    return MODES[mode]


def _allowed(
    function: str, mode: Mode, name: str, value: Any, allowed: tuple[int, ...]
) -> int:
    number = parse_int(function, name, value)
    if number not in allowed:
        raise ValueError(
            f"[{function}] {mode.name} has no {name} of {number}; "
            f"pass {listed(allowed)}, or None for the default"
        )
    return number


def parse_global_scale(function: str, mode: Mode, value: Any) -> float | None:
    """Return the global scale, a positive float32 array of one element."""
    if value is None:
        return None
    array = _parse_scales(function, mode, value)
    if array.size != 1:
        raise ValueError(
            f"[{function}] global_scale has shape {shown(array.shape)} and dtype "
            f"{array.dtype.name}; pass a float32 array of one element"
        )
    return _positive(function, mode, float(array.reshape(-1)[0]))


def parse_global_scales(
    function: str, mode: Mode, value: Any, batch: tuple[int, ...]
) -> tuple[float | None, ...]:
    """Return the global scale of a whole stack of matrices, or one for each of them."""
    if value is None:
        return (None,)
    array = _parse_scales(function, mode, value)
    if array.size != 1 and array.shape != batch:
        raise ValueError(
            f"[{function}] global_scale has shape {shown(array.shape)}; pass a float32 array of "
            f"one element, or of one for each matrix of w: {shown(batch)}"
        )
    return tuple(_positive(function, mode, float(scale)) for scale in array.flat)


def _parse_scales(function: str, mode: Mode, value: Any) -> NDArray[Any]:
    if mode.global_divisor is None:
        takers = listed(
            other.name for other in MODES.values() if other.has_global_scale
        )
        raise ValueError(
            f"[{function}] global_scale is given but {mode.name} has none; "
            f"leave it out, or use the mode {takers}"
        )
    array = as_array(value, function, "global_scale")
    if array.dtype != np.float32:
        raise ValueError(
            f"[{function}] global_scale has shape {shown(array.shape)} and dtype "
            f"{array.dtype.name}; pass a float32 array of one element"
        )
    return array


def _positive(function: str, mode: Mode, scale: float) -> float:
    assert mode.global_divisor is not None
    smallest = _SMALLEST * mode.global_divisor
    if not (math.isfinite(scale) and scale >= smallest):
        raise ValueError(
            f"[{function}] global_scale is {scale}; it must be positive, finite and at least "
            f"{smallest:.1e}: pass the largest magnitude of the tensor"
        )
    return scale
