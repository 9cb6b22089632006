"""MLX's quantization and attention API over NumPy and DLPack arrays."""

from . import fast
from ._core import __version__
from .doubly_quantized import gather_qqmm, qqmm
from .fp8 import from_fp8, to_fp8
from .hardware import (
    Device,
    cpu_features,
    devices,
    get_num_threads,
    set_num_threads,
)
from .multiplication import gather_qmm, quantized_matmul
from .quantization import dequantize, quantize
from .registry import Mode, modes

__all__ = [
    "Device",
    "Mode",
    "__version__",
    "cpu_features",
    "dequantize",
    "devices",
    "fast",
    "from_fp8",
    "gather_qmm",
    "gather_qqmm",
    "get_num_threads",
    "modes",
    "qqmm",
    "quantize",
    "quantized_matmul",
    "set_num_threads",
    "to_fp8",
]
