"""Find and read the headers of one tree; nothing outside it is ever read."""

import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlxport.cli.errors import UserError

from .lexer import Line, lines


@dataclass(frozen=True, slots=True)
class Header:
    """A header's lines, and the macro that guards all of them if there is one."""

    lines: tuple[Line, ...]
    guard: str | None


class Headers:
    """The headers of a tree, each read once; `folders` are searched as `-I` tells."""

    def __init__(self, tree: Path, folders: Iterable[str] = ()) -> None:
        self._root = Path(os.path.realpath(tree))
        self._folders = tuple(folders)
        self._read: dict[str, Header] = {}
        self._there: dict[str, bool] = {}

    def searching(self, folders: Iterable[str]) -> "Headers":
        """Return the same headers, searched for in other folders."""
        other = Headers(self._root, folders)
        other._read, other._there = self._read, self._there
        return other

    @property
    def root(self) -> Path:
        """Return the tree's folder, without links."""
        return self._root

    def read(self, path: str, asked_at: str | None = None) -> Header:
        """Return a header by its path in the tree; `asked_at` is the line that names it."""
        key = posixpath.normpath(path)
        if key not in self._read:
            content = tuple(lines(self.text(path, asked_at), path))
            self._read[key] = Header(content, _guard(content))
        return self._read[key]

    def text(self, path: str, asked_at: str | None = None) -> str:
        """Return a file's text as Latin-1, which keeps every byte."""
        self._check_inside(path, asked_at)
        try:
            return (self._root / path).read_bytes().decode("latin-1")
        except OSError as error:
            raise UserError(
                f"cannot be read: {error.strerror or error}", where=path
            ) from None

    def find(self, name: str, quoted: bool, includer: str, asked_at: str) -> str | None:
        """Return the path of what `#include` names, spelt as it was found, or None."""
        if posixpath.isabs(name):
            raise self._outside(name, asked_at)
        beside = (posixpath.dirname(includer),) if quoted else ()
        for folder in (*beside, *self._folders):
            path = posixpath.join(folder, name)
            if self._is_there(path, asked_at):
                return path
        return None

    def _is_there(self, path: str, asked_at: str) -> bool:
        if path not in self._there:
            self._there[path] = (self._root / path).is_file()
        if self._there[path]:
            self._check_inside(path, asked_at)
        return self._there[path]

    def _check_inside(self, path: str, asked_at: str | None) -> None:
        inside = Path(os.path.realpath(self._root / path)).is_relative_to(self._root)
        if not inside or posixpath.normpath(path).startswith(("..", "/")):
            raise self._outside(path, asked_at)

    def _outside(self, path: str, asked_at: str | None) -> UserError:
        return UserError(
            f"includes {path}, which is outside upstream's tree",
            where=asked_at,
            hint="only files of the tree are read",
        )


def _guard(content: tuple[Line, ...]) -> str | None:
    """Return the macro of an `#ifndef` that holds the whole file, as clang knows it."""
    if not content or content[0].directive != "ifndef" or len(content[0].tokens) < 3:
        return None
    depth = 0
    for index, line in enumerate(content):
        name = line.directive or ""
        if name in ("if", "ifdef", "ifndef"):
            depth += 1
        elif depth == 1 and name.startswith("el"):
            return None
        elif name == "endif":
            depth -= 1
            if depth == 0:
                last = index == len(content) - 1
                return content[0].tokens[2].text if last else None
    return None
