"""Conversion to and from float8 (e4m3fn, one byte)."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from . import _core
from .arguments import check_stream, parse_float_dtype
from .arrays import Array, as_array, bits, for_core
from .dtypes import FLOAT_NAMES, is_float


def to_fp8(x: Any, /, *, stream: Any = None) -> Array:
    """Round x to e4m3 bytes (uint8), to nearest, ties to even.

    All that is larger than 448 becomes 448 with its sign, infinity and NaN included, as in MLX.
    """
    check_stream("to_fp8", stream)
    x = as_array(x, "to_fp8", "x")
    if not is_float(x.dtype):
        raise ValueError(
            f"[to_fp8] x has dtype {x.dtype.name}; pass one of {FLOAT_NAMES}"
        )
    out = np.empty(x.shape, np.uint8)
    _core.to_fp8(for_core(x), out)
    return out


def from_fp8(x: Any, /, dtype: Any = "bfloat16", *, stream: Any = None) -> Array:
    """Return the values of e4m3 bytes, exact in every `dtype`; 0x7f and 0xff are NaN."""
    check_stream("from_fp8", stream)
    x = as_array(x, "from_fp8", "x")
    if x.dtype == ml_dtypes.float8_e4m3fn:
        x = x.view(np.uint8)
    if x.dtype != np.uint8:
        raise ValueError(
            f"[from_fp8] x has dtype {x.dtype.name}; pass the uint8 bytes of to_fp8"
        )
    out = np.empty(x.shape, parse_float_dtype("from_fp8", dtype))
    _core.from_fp8(for_core(x), bits(out))
    return out
