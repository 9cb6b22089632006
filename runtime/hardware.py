"""What the runtime can compute on."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core
from .arguments import parse_int

_MOST_THREADS = 1024


@dataclass(frozen=True)
class Device:
    """A device, and what is known to be right on it."""

    name: str
    kind: str
    instruction_set: str
    verified: str


def cpu_features() -> tuple[str, ...]:
    """Return the instruction sets of this CPU that matter to kernels; empty where unknown."""
    return tuple(_core.cpu_features())


def devices() -> tuple[Device, ...]:
    """Return the devices of this machine that the runtime computes on.

    `instruction_set` is what the kernels use: the best of the machine, or the one that the
    environment variable MLXPORT_CPU names (ValueError if the machine has none of that name).
    """
    return (
        Device(
            name=_core.cpu_name() or "unknown CPU",
            kind="cpu",
            instruction_set=_core.isa(),
            verified="tested against MLX for Linux and float64 references",
        ),
    )


def get_num_threads() -> int:
    """Return how many threads a call may use, its own included."""
    return _core.num_threads()


def set_num_threads(count: int) -> None:
    """Let a call use `count` threads; at first it is as many CPUs as the process may run on.

    Results do not depend on it. Threads start at the first call that needs them. Raises
    ValueError for a count below 1.
    """
    number = parse_int("set_num_threads", "count", count)
    if not 1 <= number <= _MOST_THREADS:
        raise ValueError(
            f"[set_num_threads] count is {number}; pass 1 to {_MOST_THREADS}"
        )
    _core.set_num_threads(number)
