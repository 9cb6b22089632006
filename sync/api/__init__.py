"""Read what an upstream offers its users: a module in this folder reads one surface."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Protocol, cast


class Kind(Enum):
    """How a parameter is passed; C and C++ know only the first and VARIADIC."""

    POSITIONAL = "positional-only"
    NORMAL = "positional or keyword"
    KEYWORD = "keyword-only"
    VARIADIC = "variadic"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; without a `default` it is required. Types are as upstream spells them."""

    name: str
    type: str = ""
    default: str | None = None
    kind: Kind = Kind.NORMAL


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload; `text` is how to show it."""

    parameters: tuple[Parameter, ...]
    returns: str
    text: str


Functions = Mapping[str, tuple[Signature, ...]]


class Surface(Protocol):
    """What a module of this folder offers; `TITLE` is how to call the surface."""

    TITLE: str

    def read(self, tree: Path) -> Iterator[tuple[str, Signature]]:
        """Yield every public function of a tree by its full name, once an overload."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of the surfaces, sorted."""
    return tuple(
        sorted(
            module.name
            for module in pkgutil.iter_modules(__path__)
            if not module.name.startswith("_")
        )
    )


def load(name: str) -> Surface:
    """Return the surface of this name, one of `names()`."""
    return cast(Surface, importlib.import_module(f"{__name__}.{name}"))


def read(name: str, tree: Path) -> Functions:
    """Return the functions of one surface; a tree that lacks it has none."""
    found: dict[str, tuple[Signature, ...]] = {}
    for function, signature in load(name).read(tree):
        if signature not in found.get(function, ()):
            found[function] = (*found.get(function, ()), signature)
    return found
