"""The border: whatever holds an array on the CPU becomes a NumPy array, and is laid out for C++."""

from __future__ import annotations

import sys
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
_DLPACK_CPU = (1, 3, 11, 14)  # kDLCPU and the kinds of host memory shared with a GPU


def as_array(value: Any, function: str, name: str) -> Array:
    """Return `value` as a NumPy array in the machine's byte order, without a copy if it can be.

    Takes NumPy arrays and scalars, `mlx.core.array`, PyTorch tensors on the CPU, and all else that
    has DLPack or the buffer protocol. Raises TypeError for anything else.
    """
    array = _adopt(value, function, name)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


def _adopt(value: Any, function: str, name: str) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"[{function}] {name} is a masked array, whose mask would be lost; "
            f"pass {name}.filled(...)"
        )
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    if (mx := sys.modules.get("mlx.core")) and isinstance(value, mx.array):
        return _from_mlx(value, mx)
    if (torch := sys.modules.get("torch")) and isinstance(value, torch.Tensor):
        return _from_torch(value, torch, function, name)
    if hasattr(value, "__dlpack__"):
        return _from_dlpack(value, function, name)
    try:
        return np.asarray(memoryview(value))
    except (TypeError, ValueError):
        raise TypeError(
            f"[{function}] {name} is {_described(value)}, not an array; pass a NumPy, MLX or "
            f"PyTorch array, or another with DLPack or the buffer protocol"
        ) from None


def _described(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _from_mlx(value: Any, mx: Any) -> Array:
    # NumPy's conversion alone loses an error of the evaluation and reads uninitialised memory.
    mx.eval(value)
    if value.dtype == mx.bfloat16:
        return np.asarray(value.view(mx.uint16)).view(_BFLOAT16)
    return np.asarray(value)


def _from_torch(value: Any, torch: Any, function: str, name: str) -> Array:
    value = value.detach()
    if value.device.type != "cpu":
        raise _elsewhere(function, name, str(value.device))
    is_bfloat16 = value.dtype == torch.bfloat16
    array: Array = (value.view(torch.int16) if is_bfloat16 else value).numpy()
    return array.view(_BFLOAT16) if is_bfloat16 else array


def _from_dlpack(value: Any, function: str, name: str) -> Array:
    kind, index = value.__dlpack_device__()
    if int(kind) not in _DLPACK_CPU:
        raise _elsewhere(function, name, f"DLPack device {int(kind)}:{index}")
    try:
        return np.from_dlpack(value)
    except (BufferError, RuntimeError) as error:
        # NumPy has no bfloat16 of its own; JAX, for one, hands it out as ml_dtypes'.
        if hasattr(value, "__array__"):
            return np.asarray(value)
        raise TypeError(
            f"[{function}] {name} cannot be read through DLPack ({error}); "
            f"pass a NumPy array of it"
        ) from None


def _elsewhere(function: str, name: str, place: str) -> TypeError:
    return TypeError(
        f"[{function}] {name} lies on {place}, but the runtime reads memory of the CPU; "
        f"move it there first"
    )


def for_core(array: Array, dtype: np.dtype[Any] | None = None) -> Array:
    """Return the array as C++ takes it: contiguous, aligned, of `dtype`, bfloat16 as uint16."""
    if array.flags.carray and (dtype is None or array.dtype == dtype):
        return bits(array)  # the usual case, at a tenth of the time
    # MLX converts without a word when a number is too large for float16, and so do we.
    with np.errstate(over="ignore", invalid="ignore"):
        return bits(np.require(array, dtype or array.dtype, ("C", "A")))


def bits(array: Array) -> Array:
    """Return bfloat16 viewed as uint16, and any other array as it is."""
    return array.view(np.uint16) if array.dtype == _BFLOAT16 else array
