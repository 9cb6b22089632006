"""Write the files of a stranger's git tree so that none of them leaves its folder."""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

LINK, SUBMODULE, EXECUTABLE = 0o120000, 0o160000, 0o100755


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, link or submodule of a tree: its path in it, git mode and object name."""

    path: str
    mode: int
    object: str


def parse_tree(listing: bytes) -> tuple[Entry, ...]:
    """Return the entries that `git ls-tree -r -z` lists, sorted by path."""
    found = []
    for record in filter(None, listing.split(b"\0")):
        head, _, path = record.partition(b"\t")
        mode, _, name = head.decode().split(" ")
        found.append(Entry(os.fsdecode(path), int(mode, 8), name))
    return tuple(sorted(found, key=lambda entry: entry.path))


def below(entries: tuple[Entry, ...], names: Iterable[str]) -> tuple[Entry, ...]:
    """Return the entries that are, or lie in, one of the files and folders named."""
    wanted = set()
    for name in names:
        start = name.strip("/")
        chosen = {
            entry
            for entry in entries
            if not start or entry.path == start or entry.path.startswith(f"{start}/")
        }
        if not chosen and start:
            raise UserError("no such file or folder in upstream's tree", where=name)
        wanted |= chosen
    return tuple(entry for entry in entries if entry in wanted)


def check_path(path: str) -> None:
    """Raise UserError unless `path` stays inside whatever folder it is joined to."""
    # Git itself writes no such path, but a tree object can be made by hand. A backslash or
    # a drive letter is a separator on Windows only; no upstream needs one anywhere.
    parts = path.split("/")
    if (
        any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
        or "\\" in path
        or "\0" in path
        or (len(path) > 1 and path[1] == ":")
    ):
        raise UserError(
            "the tree holds a path that could leave its folder",
            where=repr(path)[1:-1],
            hint="do not use this upstream: git never writes such a path itself",
        )


def write_tree(
    folder: Path,
    entries: Iterable[Entry],
    contents: Callable[[Iterable[str]], Iterable[bytes]],
) -> None:
    """Write `entries` under `folder`, which must be new or empty.

    `contents` returns the bytes of the objects it is given, in their order. Submodules
    become empty folders. On an error the folder is left as far as it was written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except (FileExistsError, NotADirectoryError):
        raise UserError("is a file, not a folder", where=str(folder)) from None
    if occupied:
        raise UserError("the folder is not empty", where=str(folder))
    ordered = sorted(entries, key=lambda entry: entry.path)
    for entry in ordered:
        check_path(entry.path)
    files = [entry for entry in ordered if entry.mode not in (LINK, SUBMODULE)]
    links = [entry for entry in ordered if entry.mode == LINK]
    for path in sorted(
        {e.path if e.mode == SUBMODULE else os.path.dirname(e.path) for e in ordered}
    ):
        _make_folder(folder, path)
    for entry, content in zip(files, contents([e.object for e in files]), strict=True):
        _write_file(folder, entry, content)
    # Links come last: while files are written there is no link to write through.
    _write_links(folder, links, contents([entry.object for entry in links]))


def _make_folder(folder: Path, path: str) -> None:
    try:
        (folder / path).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _clash(path) from None


def _write_file(folder: Path, entry: Entry, content: bytes) -> None:
    path = folder / entry.path
    try:
        with path.open("xb") as file:
            file.write(content)
    except (FileExistsError, IsADirectoryError):
        raise _clash(entry.path) from None
    if entry.mode == EXECUTABLE:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _write_links(folder: Path, links: list[Entry], targets: Iterable[bytes]) -> None:
    written = []
    for entry, content in zip(links, targets, strict=True):
        target = os.fsdecode(content)
        try:
            (folder / entry.path).symlink_to(target)
        except (FileExistsError, ValueError):
            raise _clash(entry.path) from None
        written.append((entry.path, target))
    # Only with all links in place is it known where a link through other links leads.
    root = folder.resolve()
    escaping = [
        (path, target)
        for path, target in written
        if PurePosixPath(target).is_absolute() or not _stays(folder / path, root)
    ]
    if escaping:
        for path, _ in written:
            (folder / path).unlink()
        path, target = escaping[0]
        raise UserError(
            f"is a link to {target}, outside the tree",
            where=path,
            hint="do not use this upstream unless you know why the link is there",
        )


def _stays(link: Path, root: Path) -> bool:
    try:
        return link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # A link that leads back to itself leads nowhere.
        return True


def _clash(path: str) -> UserError:
    return UserError(
        "the tree holds two entries that cannot lie side by side here",
        where=path,
        hint="on a file system that ignores case, sync needs one that does not",
    )
