"""Refuse an update that would lose something, before anything is evaluated."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import upstream
from .config import NAME, Config
from .lock import NAME as LOCK_NAME
from .lock import Lock
from .snapshot import differences, read_folder, taken, tree_hash
from .tree import Entry
from .upstream import Revision
from .wrapper import Wrapper, uncommitted


def check_tag(lock: Lock | None, revision: Revision, location: str) -> None:
    """Raise UserError if the locked tag now names another commit."""
    if lock is None or lock.ref != revision.ref or lock.commit == revision.commit:
        return
    if revision.ref in upstream.tags(location):
        raise UserError(
            f"the tag {revision.ref} was {lock.commit} and is now {revision.commit}",
            where=revision.location,
            hint="ask upstream why; --to with the new commit takes it nevertheless",
        )


def vendored(root: Path, config: Config, lock: Lock | None) -> tuple[Entry, ...]:
    """Return the files that are vendored now, or raise UserError if some are changed."""
    name = str(config.upstream.folder)
    folder = root / name
    if (folder / ".git").exists():
        raise UserError(
            "is a repository of its own; an update writes a snapshot there",
            where=name,
            hint=f"git rm {name}, commit, and run the update again",
        )
    if folder.exists() and not folder.is_dir():
        raise UserError("is a file, but should be the vendored folder", where=name)
    if lock and lock.folder != name:
        raise config.upstream.choices.table.error(
            f"the folder is {name}, but {LOCK_NAME} has it in {lock.folder}",
            "folder",
            hint=f"git mv {lock.folder} {name}, and write {name} in {LOCK_NAME}",
        )
    present = read_folder(folder, lock.algorithm if lock else "sha1")
    if lock is None and present:
        raise UserError(
            f"is there, but without {LOCK_NAME} nobody can tell what was changed in it",
            where=name,
            hint=f"git rm -r {name}, commit, and run `mlxport sync update --to REF` with "
            "the revision it holds; git diff then shows what was changed",
        )
    if lock and tree_hash(present, lock.algorithm) != lock.vendored:
        raise UserError(
            f"has local changes, which an update would lose{_named(config, lock, present)}",
            where=name,
            hint=f"keep such changes outside {name}; to give them up, remove it and "
            f"{LOCK_NAME}, commit, and update to {lock.ref}",
        )
    return present


def _named(config: Config, lock: Lock, present: Sequence[Entry]) -> str:
    """Return which files differ from the locked revision, or nothing if it is out of reach."""
    try:
        locked = upstream.resolve(config.upstream.location, lock.commit)
        entries = taken(upstream.entries(locked), config.upstream.take)
    except UserError:
        return ""
    if tree_hash(entries, lock.algorithm) != lock.vendored:
        return ""
    return f": {_first(list(differences(entries, present)))}"


def check_committed(wrapper: Wrapper, written: Sequence[PurePosixPath]) -> None:
    """Raise UserError if the wrapper has changes that git does not have."""
    # The config is only read, and changing it is a usual reason to run an update.
    names = [name for name in uncommitted(wrapper, written) if name != NAME]
    if names:
        raise UserError(
            f"has changes that are not committed: {_first(names)}",
            where=str(wrapper.root),
            hint="commit or stash them, so that the update can be told apart",
        )


def _first(names: Sequence[str], count: int = 10) -> str:
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more
