"""Find what is wrong in a wrapper: a module in this folder is a kind of mistake.

The module's name with hyphens is the rule, its first line what the rule is for.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Protocol, cast

from ..findings import Finding
from ..subject import Subject


class Check(Protocol):
    """What a module of this folder offers; `READS` is what it compares."""

    READS: str

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Yield every mistake of this kind."""


@cache
def names() -> tuple[str, ...]:
    """Return the rules, sorted."""
    modules = pkgutil.iter_modules(__path__)
    return tuple(sorted(module.name.replace("_", "-") for module in modules))


def load(rule: str) -> Check:
    """Return the check of a rule, one of `names()`."""
    return cast(Check, _module(rule))


def summary(rule: str) -> str:
    """Return what a rule is for, in one line."""
    return (_module(rule).__doc__ or "").strip().splitlines()[0]


def find(subject: Subject) -> tuple[Finding, ...]:
    """Return what every check finds, sorted by file and line."""
    return tuple(sorted(_all(subject)))


def _all(subject: Subject) -> Iterator[Finding]:
    for rule in names():
        yield from load(rule).find(subject)


def _module(rule: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{rule.replace('-', '_')}")
