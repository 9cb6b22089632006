"""Write the lists into files of a wrapper's build: a module in this folder is a format."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

from ..lock import WrapperLists
from ..tables import Table


@dataclass(frozen=True, slots=True)
class Lists:
    """What a format writes down, for all configurations at once.

    `wrapper` is the wrapper's root, `path` the output's name in it and `folder` that of
    the vendored tree. `files` are all files of that tree, relative to it.
    """

    wrapper: Path
    path: PurePosixPath
    folder: PurePosixPath
    files: tuple[str, ...]
    configurations: Mapping[str, WrapperLists]

    @property
    def compiled(self) -> dict[str, frozenset[str]]:
        """Return the files that each configuration compiles, relative to the vendored tree."""
        return {n: frozenset(lists.sources) for n, lists in self.configurations.items()}

    @property
    def standard(self) -> int:
        """Return the newest C++ standard that a configuration asks for; 17 when none does."""
        asked = (lists.standard for lists in self.configurations.values())
        return max(
            (int(name.removeprefix("c++")) for name in asked if name), default=17
        )

    def define(self, name: str) -> str | None:
        """Return the value upstream gives a define, or None if it has none or several."""
        pairs = (
            d.partition("=") for c in self.configurations.values() for d in c.defines
        )
        values = {value for found, _, value in pairs if found == name}
        return values.pop() if len(values) == 1 else None


class Format(Protocol):
    """What a module of this folder offers."""

    def read_options(self, table: Table, configurations: tuple[str, ...]) -> Any:
        """Return the output's own options; raise UserError for keys it does not know."""

    def render(self, current: bytes | None, lists: Lists, options: Any) -> bytes:
        """Return the file's new text, given the one that is there."""

    def compiled(
        self, text: bytes, lists: Lists, options: Any
    ) -> Mapping[str, frozenset[str]]:
        """Return what the build system compiles of the vendored tree when it reads `text`."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Format:
    """Return the format of this name, one of `names()`."""
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))


def shares(name: str) -> bool:
    """Return whether a file of the format holds the lists of several upstreams.

    Such a format changes only what concerns the one it is given, `SHARED` in its module.
    """
    return bool(getattr(load(name), "SHARED", False))


def compilable(name: str, paths: frozenset[str]) -> frozenset[str]:
    """Return those of `paths` that the format's build system compiles by itself.

    A format says so by the extensions in its `COMPILED`; what is left a plug-in compiles.
    """
    extensions = getattr(load(name), "COMPILED", None)
    if extensions is None:
        return paths
    return frozenset(path for path in paths if path.endswith(tuple(extensions)))
