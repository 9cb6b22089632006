"""Find the commands in upstream's lists that name a file or read a list, run or not."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .cmakefile import Command, parse
from .script import is_cmake

HERE = ("CMAKE_CURRENT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR")
ROOT = ("PROJECT_SOURCE_DIR", "CMAKE_SOURCE_DIR")
VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A command of a list that names a path, and how it spells it.

    `is_certain` is false where a variable stands for a part of the name.
    """

    file: str
    command: Command
    spelt: str
    is_certain: bool

    @property
    def place(self) -> str:
        """Return the line of the command."""
        return f"{self.file}:{self.command.line}"


def read_lists(tree: Path) -> dict[str, tuple[Command, ...]]:
    """Return the commands of every CMake file of a tree, by the file's path in it."""
    found = {}
    for folder, _, names in os.walk(tree):
        for name in filter(is_cmake, names):
            path = Path(folder, name)
            text = path.read_text("utf-8", "replace") if path.is_file() else ""
            found[path.relative_to(tree).as_posix()] = tuple(parse(text))
    return dict(sorted(found.items()))


def mentions(lists: Mapping[str, tuple[Command, ...]], path: str) -> list[Mention]:
    """Return where `path`, relative to the tree, is named; certain mentions first."""
    found = [
        mention
        for file, commands in lists.items()
        for command in commands
        if (mention := _mention(file, command, path))
    ]
    return sorted(found, key=lambda mention: not mention.is_certain)


def readers(lists: Mapping[str, tuple[Command, ...]], file: str) -> Iterator[Mention]:
    """Yield the commands that have a list read: add_subdirectory and include."""
    folder = str(PurePosixPath(file).parent)
    is_list = file.endswith("CMakeLists.txt")
    for mention in mentions(lists, folder if is_list else file):
        if mention.command.name == ("add_subdirectory" if is_list else "include"):
            yield mention


def _mention(file: str, command: Command, path: str) -> Mention | None:
    folder = str(PurePosixPath(file).parent)
    for spelt in command.arguments:
        for word in spelt.split(";"):
            is_certain = _names(word, folder, path)
            if is_certain is not None:
                return Mention(file, command, word, is_certain)
    return None


def _names(word: str, folder: str, path: str) -> bool | None:
    """Tell whether a word names `path` for certain; None if it does not name it."""
    if "BINARY_DIR" in word or not word.strip():
        return None
    for name in HERE:
        word = word.replace(f"${{{name}}}", f"/{folder}")
    for name in ROOT:
        word = word.replace(f"${{{name}}}", "/.")
    start = "" if word.startswith("/") else f"/{folder}/"
    whole = os.path.normpath(start + word).lstrip("/")
    parts = VARIABLE.split(whole)
    if len(parts) == 1:
        return True if whole == path else None
    # Where a variable is all there is to a name, it could be any file's.
    if not re.search(r"\w", VARIABLE.sub("", PurePosixPath(whole).name)):
        return None
    pattern = ".+".join(map(re.escape, parts[::2]))
    return False if re.fullmatch(pattern, path) else None
