"""The quantization modes, as the compiled core describes them."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Mode:
    """A quantization mode: value = element(code) * scale, plus a bias for each group if it has one.

    `scale_format` is None where scales have the weights' own floating-point type, otherwise the
    name of a one-byte format.
    """

    name: str
    group_sizes: tuple[int, ...]
    default_group_size: int
    bits: tuple[int, ...]
    default_bits: int
    element_format: str
    scale_format: str | None
    has_biases: bool
    global_divisor: float | None

    @property
    def has_global_scale(self) -> bool:
        """Whether a scale of the whole tensor, global_scale / global_divisor, is applied too."""
        return self.global_divisor is not None


MODES = {mode.name: mode for mode in (Mode(**fields) for fields in _core.modes())}


def modes() -> tuple[Mode, ...]:
    """Return all quantization modes, sorted by name."""
    return tuple(MODES.values())
