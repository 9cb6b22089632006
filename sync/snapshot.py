"""What of upstream's tree a wrapper carries, hashed as git hashes it."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from mlxport.cli.errors import UserError

from .cover import folders_of
from .tree import EXECUTABLE, LINK, SUBMODULE, Entry

FILE = 0o100644
FOLDER = 0o40000
LICENCES = ("license", "licence", "copying", "notice", "acknowledgments")


@dataclass(frozen=True, slots=True)
class Differences:
    """The files in which one tree differs from another; each sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted((*self.added, *self.removed, *self.changed)))


def taken(entries: Iterable[Entry], patterns: Sequence[str]) -> tuple[Entry, ...]:
    """Return the files and links that gitignore patterns choose, and upstream's licences.

    Without a pattern all are chosen. A submodule has no files of its own to take. Raises
    UserError for a name that a build file could not spell.
    """
    spec = GitIgnoreSpec.from_lines(patterns) if patterns else None
    chosen = tuple(
        entry
        for entry in entries
        if entry.mode != SUBMODULE
        and (spec is None or spec.match_file(entry.path) or is_licence(entry.path))
    )
    for entry in chosen:
        # Neither are bytes that are not UTF-8, which stand in a name as surrogates.
        if not entry.path.isprintable():
            raise UserError(
                "a name of upstream has characters that cannot be written down",
                where=ascii(entry.path)[1:-1],
                hint="leave the file out with a pattern of `take`",
            )
    return chosen


def is_licence(path: str) -> bool:
    """Tell whether a path of a tree is that of the licence of the whole."""
    return "/" not in path and path.lower().startswith(LICENCES)


def tree_hash(entries: Iterable[Entry], algorithm: str = "sha1") -> str:
    """Return the name git gives the tree of these files: `git rev-parse REF:FOLDER`."""
    folders: dict[str, list[tuple[bytes, bytes]]] = {"": []}
    for entry in entries:
        _add(folders, entry.path, entry.mode, entry.object)
        for folder in folders_of(entry.path):
            folders.setdefault(folder, [])
    # The deepest first, so that a folder is named before the one it lies in.
    for folder in sorted(
        folders, key=lambda f: f.count("/") if f else -1, reverse=True
    ):
        content = b"".join(record for _, record in sorted(folders[folder]))
        name = _hash("tree", content, algorithm)
        if not folder:
            return name
        _add(folders, folder, FOLDER, name)
    raise AssertionError("the root is always there")


def _add(
    folders: dict[str, list[tuple[bytes, bytes]]], path: str, mode: int, name: str
) -> None:
    parent, _, last = path.rpartition("/")
    file_name = os.fsencode(last)
    # Git sorts a folder as if its name ended in a slash.
    key = file_name + b"/" * (mode == FOLDER)
    record = b"%o %s\0%s" % (mode, file_name, bytes.fromhex(name))
    folders.setdefault(parent, []).append((key, record))


def _hash(kind: str, content: bytes, algorithm: str) -> str:
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.new(algorithm, head + content, usedforsecurity=False).hexdigest()


def read_folder(folder: Path, algorithm: str = "sha1") -> tuple[Entry, ...]:
    """Return the files below a folder as git would record them, sorted by path.

    A folder that is not there has no files.
    """
    return tuple(sorted(_walk(folder, "", algorithm), key=lambda entry: entry.path))


def read_file(path: Path, name: str, algorithm: str = "sha1") -> Entry:
    """Return a file or link as git would record it under `name`."""
    if path.is_symlink():
        target = os.fsencode(os.readlink(path))
        return Entry(name, LINK, _hash("blob", target, algorithm))
    if not path.is_file():
        raise UserError("is neither a file nor a folder", where=str(path))
    mode = EXECUTABLE if path.stat().st_mode & stat.S_IXUSR else FILE
    return Entry(name, mode, _hash("blob", path.read_bytes(), algorithm))


def _walk(folder: Path, start: str, algorithm: str) -> Iterator[Entry]:
    try:
        items = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for item in items:
        path = Path(item.path)
        if item.is_dir(follow_symlinks=False):
            yield from _walk(path, f"{start}{item.name}/", algorithm)
        else:
            yield read_file(path, start + item.name, algorithm)


def differences(before: Iterable[Entry], after: Iterable[Entry]) -> Differences:
    """Return what is in one tree and not, or not the same, in the other."""
    old = {entry.path: entry for entry in before}
    new = {entry.path: entry for entry in after}
    return Differences(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        tuple(
            sorted(path for path in old.keys() & new.keys() if old[path] != new[path])
        ),
    )
