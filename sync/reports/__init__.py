"""Write down what a check found: a module in this folder is a form of it."""

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Protocol, cast

from ..findings import Finding


class Report(Protocol):
    """What a module of this folder offers."""

    def render(self, findings: Sequence[Finding]) -> str:
        """Return the findings, sorted as they come, as text to be printed."""


def names() -> tuple[str, ...]:
    """Return the names of all forms, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Report:
    """Return the form of this name, one of `names()`."""
    return cast(Report, importlib.import_module(f"{__name__}.{name}"))
