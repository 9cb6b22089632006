"""Output formats: a module in this folder is one, named by its file."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules

from ..migration import Outcome


def format_names() -> list[str]:
    """Return the names of the formats."""
    return sorted(info.name for info in iter_modules(__path__))


def load_format(name: str) -> Callable[[Sequence[Outcome]], bytes]:
    """Return the function that renders outcomes for stdout."""
    render: Callable[[Sequence[Outcome]], bytes] = import_module(
        f".{name}", __name__
    ).render
    return render
