"""The quantized twins of the layers, and `quantize`, which puts them into a model."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..multiplication import quantized_matmul
from ..parameters import parse_quantization
from ..quantization import dequantize
from ..quantization import quantize as quantize_array
from .layers import Embedding, Linear
from .module import Module

Predicate = Callable[[str, Module], bool | dict[str, Any]]


class _Quantized(Module):
    """A quantized matrix and the three settings that say how to read it."""

    def __init__(
        self,
        matrix: NDArray[Any],
        group_size: int | None,
        bits: int | None,
        mode: str,
    ) -> None:
        super().__init__()
        found = parse_quantization(type(self).__name__, mode, group_size, bits)
        self.group_size, self.bits, self.mode = found.group_size, found.bits, mode
        self.weight, self.scales, *biases = quantize_array(
            matrix, self.group_size, self.bits, mode
        )
        self.biases = biases[0] if biases else None

    @property
    def _settings(self) -> dict[str, Any]:
        return {"group_size": self.group_size, "bits": self.bits, "mode": self.mode}

    def _settings_repr(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self._settings.items())

    def _product(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return x Wᵀ."""
        return quantized_matmul(
            x,
            self["weight"],
            scales=self["scales"],
            biases=self.get("biases"),
            transpose=True,
            **self._settings,
        )


class QuantizedLinear(_Quantized):
    """y = x Wᵀ + b with W quantized in one of the modes of `runtime.modes()`.

    Parameters: weight (output_dims, input_dims * bits / 32) uint32, scales and, in affine
    mode, biases (output_dims, input_dims / group_size), and bias (output_dims,).

    Args:
        input_dims: the last axis of x, a multiple of group_size.
        output_dims: the last axis of y.
        bias: whether to add b.
        group_size: weights that share a scale; None takes the default of the mode.
        bits: bits a weight; None takes the default of the mode.
        mode: the quantization mode.
    """

    def __init__(
        self,
        input_dims: int,
        output_dims: int,
        bias: bool = True,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> None:
        linear = Linear(input_dims, output_dims, bias)
        super().__init__(linear.weight, group_size, bits, mode)
        if bias:
            self.bias = np.zeros((output_dims,), np.float32)

    @classmethod
    def from_linear(
        cls,
        linear: Linear,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> Self:
        """Return `linear` with its weights quantized."""
        self = cls.__new__(cls)
        _Quantized.__init__(self, linear.weight, group_size, bits, mode)
        if "bias" in linear:
            self.bias = linear.bias
        return self

    def _extra_repr(self) -> str:
        output_dims, words = self.weight.shape
        return (
            f"input_dims={words * 32 // self.bits}, output_dims={output_dims}, "
            f"bias={'bias' in self}, {self._settings_repr()}"
        )

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return y of shape (..., output_dims)."""
        y = self._product(x)
        return y + self["bias"] if "bias" in self else y


class QuantizedEmbedding(_Quantized):
    """A table of `num_embeddings` quantized rows of `dims` numbers.

    Args:
        num_embeddings: the number of rows.
        dims: the length of a row, a multiple of group_size.
        group_size: numbers that share a scale; None takes the default of the mode.
        bits: bits a number; None takes the default of the mode.
        mode: the quantization mode.
    """

    def __init__(
        self,
        num_embeddings: int,
        dims: int,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> None:
        table = Embedding(num_embeddings, dims)
        super().__init__(table.weight, group_size, bits, mode)

    @classmethod
    def from_embedding(
        cls,
        embedding: Embedding,
        group_size: int | None = None,
        bits: int | None = None,
        mode: str = "affine",
    ) -> Self:
        """Return `embedding` with its rows quantized."""
        self = cls.__new__(cls)
        _Quantized.__init__(self, embedding.weight, group_size, bits, mode)
        return self

    def _extra_repr(self) -> str:
        rows, words = self.weight.shape
        return f"{rows}, {words * 32 // self.bits}, {self._settings_repr()}"

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the rows of indices x, of shape (*x.shape, dims).

        Their dtype is that of the scales in affine mode and bfloat16 in the others, which
        do not keep the dtype they were made from.
        """
        biases = self.get("biases")
        # dequantize takes matrices; a single index picks a matrix of one row.
        index = np.atleast_1d(x)
        rows = dequantize(
            self["weight"][index],
            scales=self["scales"][index],
            biases=None if biases is None else biases[index],
            **self._settings,
        )
        return rows.reshape(*np.shape(x), rows.shape[-1])

    def as_linear(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return x Wᵀ: the table used as the last layer of a language model."""
        return self._product(x)


def quantize(
    model: Module,
    group_size: int | None = None,
    bits: int | None = None,
    *,
    mode: str = "affine",
    class_predicate: Predicate | None = None,
) -> None:
    """Replace the layers of `model` by what their `to_quantized` returns, in place.

    Args:
        model: the model; its leaves that have `to_quantized` are replaced.
        group_size: weights that share a scale; None takes the default of the mode.
        bits: bits a weight; None takes the default of the mode.
        mode: the quantization mode.
        class_predicate: called with the path and the layer; returns whether to quantize
            it, or the arguments of its `to_quantized`.

    Raises:
        ValueError: the predicate asks for a layer that has no `to_quantized`, or a layer
            cannot be quantized so; it is named by its path.
    """
    settings = {"group_size": group_size, "bits": bits, "mode": mode}
    choose = class_predicate or (lambda _, layer: hasattr(layer, "to_quantized"))
    for path, layer in list(model.named_modules()):
        if layer is model or len(layer.modules()) > 1:
            continue
        choice = choose(path, layer)
        if not choice:
            continue
        if not isinstance(choice, bool | dict):
            raise ValueError(
                f"[quantize] the predicate returned {choice!r} for {path}; "
                "return a bool, or a dict of the arguments of to_quantized"
            )
        if not hasattr(layer, "to_quantized"):
            raise ValueError(
                f"[quantize] {path} is a {type(layer).__name__}, which has no "
                "to_quantized; let the predicate leave it out"
            )
        kwargs = choice if isinstance(choice, dict) else settings
        try:
            _put(model, path, layer.to_quantized(**kwargs))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def _put(model: Module, path: str, layer: Module) -> None:
    node: Any = model
    *parents, last = path.split(".")
    for key in parents:
        node = node[int(key)] if isinstance(node, list | tuple) else node[key]
    node[int(last) if isinstance(node, list) else last] = layer
