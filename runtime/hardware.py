"""What the runtime can compute on."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Device:
    """A device, and what is known to be right on it."""

    name: str
    kind: str
    verified: str


def cpu_features() -> tuple[str, ...]:
    """Return the instruction sets of this CPU that matter to kernels; empty where unknown."""
    return tuple(_core.cpu_features())


def devices() -> tuple[Device, ...]:
    """Return the devices of this machine that the runtime computes on."""
    return (
        Device(
            name=_core.cpu_name() or "unknown CPU",
            kind="cpu",
            verified="portable kernels, tested against MLX for Linux and float64 references",
        ),
    )
