"""Write down how two versions differ: a module in this folder is a form of it."""

import importlib
import pkgutil
from typing import Protocol, cast

from ..comparison import Comparison


class Form(Protocol):
    """What a module of this folder offers."""

    def render(self, comparison: Comparison) -> str:
        """Return the comparison as text to be printed."""


def names() -> tuple[str, ...]:
    """Return the names of all forms, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Form:
    """Return the form of this name, one of `names()`."""
    return cast(Form, importlib.import_module(f"{__name__}.{name}"))
