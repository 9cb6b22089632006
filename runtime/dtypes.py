"""The floating-point types of the API: their names, promotion, and what a `dtype=` may be."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

FLOATS: dict[str, np.dtype[Any]] = {
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "float32": np.dtype(np.float32),
    "float64": np.dtype(np.float64),
}
FLOAT_NAMES = ", ".join(FLOATS)
# A set of types answers in a tenth of the time that a dtype takes to state its name.
_FLOAT_TYPES = frozenset(FLOATS.values())


def is_float(dtype: np.dtype[Any]) -> bool:
    """Say whether the API computes in this type."""
    return dtype in _FLOAT_TYPES


def is_integral(dtype: np.dtype[Any]) -> bool:
    """Say whether this is bool or an integer type."""
    return dtype.kind in "biu"


def promoted(*dtypes: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return the float type that holds all of these, as MLX promotes; None without one.

    Bool and integers take the float they meet, whatever their width.
    """
    floats = {dtype for dtype in dtypes if not is_integral(dtype)}
    if not floats or not floats <= _FLOAT_TYPES:
        return None
    if floats == {FLOATS["float16"], FLOATS["bfloat16"]}:
        return FLOATS["float32"]
    return max(floats, key=lambda dtype: dtype.itemsize)


def parse_dtype(value: Any) -> np.dtype[Any] | None:
    """Return the NumPy dtype that a `dtype=` argument means; None if it means none.

    Takes NumPy's and ml_dtypes' types, their names, and the dtypes of MLX and PyTorch.
    """
    kind = type(value)
    if kind.__module__.partition(".")[0] in ("mlx", "torch") and kind.__name__ in (
        "Dtype",
        "dtype",
    ):
        value = str(value).rpartition(".")[2]
    if isinstance(value, str) and value in FLOATS:
        return FLOATS[value]
    # NumPy would take the dtype of anything that has one: of an array, or a scalar.
    if not isinstance(value, str | type | np.dtype):
        return None
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except (TypeError, ValueError, SyntaxError):
        return None
    return dtype.newbyteorder("=")
