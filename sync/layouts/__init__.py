"""Recognise what a wrapper carries and builds: a module in this folder is a layout."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

from mlxport.cli.errors import UserError

from ..wrapper import Wrapper


@dataclass(frozen=True, slots=True)
class Choice:
    """A compiled file or folder that a wrapper leaves out, or replaces by another file.

    `where` is the file and line that say so, if any do, and an `optional` one need not hold. Without `builds` it holds in all.
    """

    path: str
    instead: str = ""
    builds: frozenset[str] = frozenset()
    where: tuple[str, int] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """An upstream at the revision that a wrapper pins, in `folder`.

    `locations` are where to read it, the best first. `library` is the target of its build.
    `where` is the file and line that pin it.
    """

    name: str
    folder: PurePosixPath
    locations: tuple[str, ...]
    revision: str
    where: tuple[str, int]
    library: str = ""
    take: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """One way to build the wrapper: a configuration, or the path of one, and its options."""

    name: str
    configuration: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the wrapper that lists upstream's files, in a format of `formats`.

    `upstreams` are the names of those it lists; without one it lists all.
    """

    format: str
    path: PurePosixPath
    options: Any
    upstreams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """What a wrapper carries and builds; the first pin is the upstream that moves.

    `rendered` tells that mlxport writes the outputs' entries, so that nobody's hand is in them.
    `generated` are the folders that take files upstream's build generates, by their kind.
    """

    name: str
    pins: tuple[Pin, ...]
    builds: tuple[Build, ...]
    outputs: tuple[Output, ...]
    rendered: bool = False
    generated: Mapping[str, str] = field(default_factory=dict)


class Recognised(Protocol):
    """What a module of this folder offers."""

    def recognise(self, wrapper: Wrapper) -> Layout | None:
        """Return the layout of the wrapper, or None if it is another one."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all layouts, sorted; the first that fits is the one."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def recognise(wrapper: Wrapper) -> Layout:
    """Return the layout of a wrapper, or raise UserError if it has none that is known."""
    for name in names():
        module = cast(Recognised, importlib.import_module(f"{__name__}.{name}"))
        if layout := module.recognise(wrapper):
            return layout
    raise UserError(
        "is no wrapper that mlxport knows",
        where=str(wrapper.root),
        hint="write an mlxport.toml there; without one, a Package.swift with the "
        "submodule Source/Cmlx/mlx is known",
    )


def line_of(path: Path, text: str) -> int:
    """Return the first line of a file that holds `text`, or 1."""
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    return next((n for n, line in enumerate(lines, 1) if text in line), 1)
