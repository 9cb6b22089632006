"""Checks of a quantized matrix: its arrays against each other and against the mode."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import ml_dtypes
import numpy as np

from .arguments import listed, shown
from .arrays import Array, as_array, for_core
from .dtypes import FLOAT_NAMES, is_float
from .parameters import Quantization, parse_global_scale
from .registry import MODES, Mode

# One-byte scales may also come in the type that ml_dtypes has for them.
_BYTE_DTYPES = {
    "e8m0": np.dtype(ml_dtypes.float8_e8m0fnu),
    "e4m3": np.dtype(ml_dtypes.float8_e4m3fn),
}


@dataclass(frozen=True)
class QuantizedMatrix:
    """Packed codes with their scales, checked against each other."""

    quantization: Quantization
    w: Array
    scales: Array
    biases: Array | None
    global_scale: float | None

    @property
    def columns(self) -> int:
        """The length of a row, in codes."""
        columns: int = self.w.shape[-1] * 32 // self.quantization.bits
        return columns

    def scaled(self, global_scale: float | None) -> QuantizedMatrix:
        """Return the same matrix with this global scale."""
        return replace(self, global_scale=global_scale)


def parse_quantized(
    function: str,
    quantization: Quantization,
    w: Any,
    scales: Any,
    biases: Any,
    global_scale: Any,
) -> QuantizedMatrix:
    """Return the arrays of a quantized matrix after checking each against the others."""
    mode = quantization.mode
    w = as_array(w, function, "w")
    scales = as_array(scales, function, "scales")
    if w.dtype != np.uint32:
        raise ValueError(
            f"[{function}] w has dtype {w.dtype.name}; pass the uint32 array that quantize returned"
        )
    if w.ndim < 2:
        raise ValueError(
            f"[{function}] w has shape {shown(w.shape)}; a quantized matrix has at least "
            f"2 dimensions"
        )
    scales = _check_scales(function, mode, scales)
    biases = _check_biases(function, mode, scales, biases)
    scale = parse_global_scale(function, mode, global_scale)
    _check_shapes(function, quantization, w, scales)
    return QuantizedMatrix(quantization, w, scales, biases, scale)


def _check_scales(function: str, mode: Mode, scales: Array) -> Array:
    if mode.scale_format is None:
        if is_float(scales.dtype):
            return scales
        hint = f"pass scales of {FLOAT_NAMES}"
        if scales.dtype == np.uint8 or scales.dtype in _BYTE_DTYPES.values():
            others = listed(
                f'"{other.name}"' for other in MODES.values() if other.scale_format
            )
            hint = f"these are probably of another mode: pass mode={others}"
        raise ValueError(
            f'[{function}] scales have dtype {scales.dtype.name}, but mode "{mode.name}" has '
            f"floating-point scales; {hint}"
        )
    if scales.dtype == _BYTE_DTYPES[mode.scale_format]:
        scales = scales.view(np.uint8)
    if scales.dtype != np.uint8:
        hint = "pass the scales that quantize returned"
        if is_float(scales.dtype):
            others = listed(
                f'"{other.name}"' for other in MODES.values() if not other.scale_format
            )
            hint = f"these are probably of another mode: pass mode={others}"
        raise ValueError(
            f'[{function}] scales have dtype {scales.dtype.name}, but mode "{mode.name}" has '
            f"uint8 scales ({mode.scale_format}); {hint}"
        )
    return scales


def _check_biases(
    function: str, mode: Mode, scales: Array, biases: Any
) -> Array | None:
    if not mode.has_biases:
        if biases is not None:
            raise ValueError(
                f'[{function}] biases are given, but mode "{mode.name}" has none; pass None'
            )
        return None
    if biases is None:
        raise ValueError(
            f'[{function}] biases are missing, but mode "{mode.name}" needs them; '
            f"pass all three arrays that quantize returned"
        )
    array = as_array(biases, function, "biases")
    if not is_float(array.dtype):
        raise ValueError(
            f"[{function}] biases have dtype {array.dtype.name}; pass one of {FLOAT_NAMES}"
        )
    if array.shape != scales.shape:
        raise ValueError(
            f"[{function}] biases have shape {shown(array.shape)} but scales have "
            f"{shown(scales.shape)}; they must be equal"
        )
    return array


def _check_shapes(
    function: str, quantization: Quantization, w: Array, scales: Array
) -> None:
    if w.ndim != scales.ndim or w.shape[:-1] != scales.shape[:-1]:
        raise ValueError(
            f"[{function}] scales have shape {shown(scales.shape)} but w has {shown(w.shape)}; "
            f"all dimensions but the last must be equal"
        )
    group_bits = quantization.group_size * quantization.bits
    if w.shape[-1] * 32 != scales.shape[-1] * group_bits:
        raise ValueError(
            f"[{function}] {w.shape[-1]} words and {scales.shape[-1]} scales a row do not fit "
            f"{quantization}, where {group_bits // 32} words have one scale; "
            f"pass the mode, group_size and bits that w was quantized with"
        )


def core_arguments(
    matrix: QuantizedMatrix, dtype: np.dtype[Any] | None = None
) -> tuple[Array, Array, Array | None, str, int, int, float | None]:
    """Return the matrix as the compiled ops take it, scales and biases cast to `dtype` if given."""
    quantization = matrix.quantization
    if quantization.mode.scale_format is not None:
        dtype = None
    words = for_core(matrix.w)
    return (
        words.reshape(math.prod(words.shape[:-1]), words.shape[-1]),
        for_core(matrix.scales, dtype),
        None if matrix.biases is None else for_core(matrix.biases, dtype),
        quantization.mode.name,
        quantization.group_size,
        quantization.bits,
        matrix.global_scale,
    )
