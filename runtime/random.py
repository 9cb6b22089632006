"""MLX's random functions over NumPy's generator: a seed gives other numbers than MLX's."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_generator = np.random.default_rng(0)


def seed(value: int) -> None:
    """Start the generator anew."""
    global _generator
    _generator = np.random.default_rng(value)


def uniform(
    low: float = 0.0,
    high: float = 1.0,
    shape: Sequence[int] = (),
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """Return numbers of [low, high)."""
    return np.asarray(_generator.uniform(low, high, tuple(shape))).astype(dtype)


def normal(
    shape: Sequence[int] = (),
    dtype: DTypeLike = np.float32,
    loc: float = 0.0,
    scale: float = 1.0,
) -> NDArray[Any]:
    """Return numbers of the normal distribution."""
    return np.asarray(_generator.normal(loc, scale, tuple(shape))).astype(dtype)


def randint(
    low: int, high: int, shape: Sequence[int] = (), dtype: DTypeLike = np.int32
) -> NDArray[Any]:
    """Return integers of [low, high)."""
    return np.asarray(_generator.integers(low, high, tuple(shape))).astype(dtype)
