"""Write generated files into a folder that may hold files of somebody else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import transaction
from .generated import check_places

# It tells the files that mlxport made from those that were written or edited by hand.
RECORD = ".mlxport-generated.json"


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written and removed, relative to the folder, sorted."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


def write(folder: Path, contents: Mapping[str, bytes], *, force: bool) -> Written:
    """Bring the files that mlxport made in `folder` to `contents`, all of them or none.

    What was made before and is not any more is removed. A file that mlxport did not make,
    or that was changed since, is a UserError unless it has the same bytes, or by `force`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"cannot make the folder: {reason}", where=str(folder)
        ) from None
    transaction.recover(folder)
    recorded = _recorded(folder)
    paths = {path: PurePosixPath(path) for path in {*contents, *recorded}}
    check_places(folder, paths.values(), ())
    there = {path: _hash_of(folder / path) for path in paths}
    wanted = {path: _hash(content) for path, content in contents.items()}
    changed = [p for p in sorted(wanted) if there[p] != wanted[p]]
    foreign = [p for p in changed if there[p] and there[p] != recorded.get(p)]
    if foreign and not force:
        raise UserError(
            f"was not made by mlxport, or was changed since{_more(foreign)}",
            where=str(folder / foreign[0]),
            hint="move it away, or use --force to overwrite it",
        )
    # One that was changed by hand since is left to who changed it.
    old = sorted(p for p in recorded if p not in wanted and there[p] == recorded[p])
    new: dict[PurePosixPath, Path | bytes | None] = {
        paths[path]: contents[path] for path in changed
    }
    new |= {paths[path]: None for path in old}
    record = (json.dumps(dict(sorted(wanted.items())), indent=2) + "\n").encode()
    if _hash_of(folder / RECORD) != _hash(record):
        new[PurePosixPath(RECORD)] = record
    if new:
        transaction.replace(folder, new)
    return Written(tuple(changed), tuple(old))


def _recorded(folder: Path) -> dict[str, str]:
    try:
        document = json.loads((folder / RECORD).read_bytes())
        if not all(isinstance(value, str) for value in document.values()):
            raise TypeError("a hash is not a string")
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"cannot be read: {reason}", where=str(folder / RECORD)
        ) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"is not a record that mlxport wrote: {error}",
            where=str(folder / RECORD),
            hint="remove it; files that are there are then only overwritten with --force",
        ) from None
    for path in document:
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or PurePosixPath(path).is_absolute():
            raise UserError(f"names {path!r}", where=str(folder / RECORD))
    return dict(document)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_of(path: Path) -> str | None:
    try:
        return _hash(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot be read: {reason}", where=str(path)) from None


def _more(paths: list[str]) -> str:
    return f", and {len(paths) - 1} more" if len(paths) > 1 else ""
