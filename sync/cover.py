"""Name what a build must leave out by as few files and folders as possible."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath


def smallest_cover(unwanted: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the fewest files and folders that hold all of `unwanted` and none of `wanted`.

    Paths are relative and posix. A folder is named as soon as nothing in it is wanted, so
    a file that upstream adds there later is left out as well. The result is sorted.
    """
    unwanted, wanted = set(unwanted), set(wanted)
    if both := unwanted & wanted:
        raise ValueError(f"both wanted and unwanted: {min(both)}")
    kept_folders = {folder for path in wanted for folder in folders_of(path)}
    return tuple(
        sorted(
            {
                next((f for f in folders_of(path) if f not in kept_folders), path)
                for path in unwanted
            }
        )
    )


def is_covered(path: str, cover: Iterable[str]) -> bool:
    """Tell whether `path` or a folder it lies in is an entry of `cover`."""
    entries = cover if isinstance(cover, set | frozenset) else set(cover)
    return path in entries or any(folder in entries for folder in folders_of(path))


def folders_of(path: str) -> Iterator[str]:
    """Yield the folders a relative path lies in, the outermost first."""
    for folder in reversed(PurePosixPath(path).parents):
        if folder.name:
            yield str(folder)
