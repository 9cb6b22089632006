"""MLX's layers over NumPy arrays: the plain ones and their quantized twins."""

from .layers import Embedding, Linear
from .module import Module
from .quantized import QuantizedEmbedding, QuantizedLinear, quantize

__all__ = [
    "Embedding",
    "Linear",
    "Module",
    "QuantizedEmbedding",
    "QuantizedLinear",
    "quantize",
]
