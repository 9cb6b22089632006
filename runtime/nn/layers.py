"""The layers that can be quantized, before they are."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import random
from .module import Module

if TYPE_CHECKING:
    from .quantized import QuantizedEmbedding, QuantizedLinear


class Linear(Module):
    """y = x Wᵀ + b, with W of shape (output_dims, input_dims), float32.

    Args:
        input_dims: the last axis of x.
        output_dims: the last axis of y.
        bias: whether to add b, of shape (output_dims,).
    """

    def __init__(self, input_dims: int, output_dims: int, bias: bool = True) -> None:
        super().__init__()
        bound = math.sqrt(1.0 / input_dims)
        self.weight = random.uniform(-bound, bound, (output_dims, input_dims))
        if bias:
            self.bias = random.uniform(-bound, bound, (output_dims,))

    def _extra_repr(self) -> str:
        output_dims, input_dims = self.weight.shape
        return (
            f"input_dims={input_dims}, output_dims={output_dims}, bias={'bias' in self}"
        )

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return y of shape (..., output_dims) in the common dtype of x and W."""
        y = matmul(x, np.swapaxes(self["weight"], -1, -2))
        return y + self["bias"] if "bias" in self else y

    def to_quantized(
        self,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> "QuantizedLinear":
        """Return the same layer on quantized weights."""
        from .quantized import QuantizedLinear

        return QuantizedLinear.from_linear(self, group_size, bits, mode)


class Embedding(Module):
    """A table of `num_embeddings` rows of `dims` numbers, float32."""

    def __init__(self, num_embeddings: int, dims: int) -> None:
        super().__init__()
        scale = math.sqrt(1.0 / dims)
        self.weight = random.normal((num_embeddings, dims), scale=scale)

    def _extra_repr(self) -> str:
        return "{}, {}".format(*self.weight.shape)

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the rows of indices x, of shape (*x.shape, dims)."""
        rows: NDArray[Any] = self["weight"][x]
        return rows

    def as_linear(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return x Wᵀ: the table used as the last layer of a language model."""
        return matmul(x, self["weight"].T)

    def to_quantized(
        self,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> "QuantizedEmbedding":
        """Return the same table with quantized rows."""
        from .quantized import QuantizedEmbedding

        return QuantizedEmbedding.from_embedding(self, group_size, bits, mode)


def matmul(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """Return a @ b, summed in float32 or wider and rounded once to the common dtype."""
    dtype = np.result_type(a, b)
    wide = np.result_type(dtype, np.float32)
    product: NDArray[Any] = np.matmul(a.astype(wide), b.astype(wide)).astype(dtype)
    return product
