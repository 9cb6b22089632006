"""Make what a wrapper commits of upstream's generated files: a module here is a kind."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from ..filelists import FileLists
from ..preprocessor.headers import Headers


@dataclass(frozen=True, slots=True)
class Made:
    """A generated file: its path below the kind's folder, and what it is made from."""

    path: str
    content: bytes
    origin: str


class Generator(Protocol):
    """What a module of this folder offers.

    `PURPOSE` says in a few words what the files are. `SIGN` is a file of the upstreams
    that have them. `SETTINGS` are the kind's settings with their defaults.
    """

    PURPOSE: str
    SIGN: str
    NEEDS_LISTS: bool
    SETTINGS: Mapping[str, str]

    def generate(
        self, headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
    ) -> Iterator[Made]:
        """Yield the files for one configuration, whose lists are given if they are needed."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all kinds, sorted."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in found))


def load(name: str) -> Generator:
    """Return the generator of this name, one of `names()`."""
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return cast(Generator, module)
