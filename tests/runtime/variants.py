"""Every mode with every group size and width it allows, and the types that tests run over."""

import ml_dtypes
import numpy as np

from mlxport import runtime as rt

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(np.float32), np.dtype(np.float16), BFLOAT16, np.dtype(np.float64)]
HALVES = [np.dtype(np.float16), BFLOAT16]

VARIANTS = [
    (mode, group_size, bits)
    for mode in rt.modes()
    for group_size in mode.group_sizes
    for bits in mode.bits
]


def variant_id(variant):
    mode, group_size, bits = variant
    return f"{mode.name}-g{group_size}-b{bits}"


def options(variant):
    """Return the variant as keyword arguments."""
    mode, group_size, bits = variant
    return {"mode": mode.name, "group_size": group_size, "bits": bits}


def bits_of(array):
    """Return the bytes, so that -0 is not 0 and NaN equals itself."""
    return np.ascontiguousarray(array).view(np.uint8)


def epsilon(dtype):
    """Return half the distance from 1 to the next number: the relative error of one rounding."""
    return float(ml_dtypes.finfo(dtype).eps) / 2
