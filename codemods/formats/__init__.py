"""Output formats: a module in this folder is one, named by its file."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from ..migration import Outcome


def format_names() -> list[str]:
    """Return the names of the formats."""
    return sorted(info.name for info in iter_modules(__path__))


class Render(Protocol):
    """Render outcomes for stdout; without `editing` nothing is changed, only reported."""

    def __call__(self, outcomes: Sequence[Outcome], *, editing: bool) -> bytes:
        """Return the bytes to print."""


def load_format(name: str) -> Render:
    """Return the function of a format."""
    render: Render = import_module(f".{name}", __name__).render
    return render
