"""Refuse an update that would lose something, before anything is evaluated."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import upstream
from .carried import Upstream
from .config import NAME, Config
from .lock import NAME as LOCK_NAME
from .lock import Lock, Locked
from .pairing import Finder
from .snapshot import differences, read_folder, taken, tree_hash
from .submodules import read_gitlink
from .tree import Entry
from .upstream import Revision
from .vendoring import Brought
from .wrapper import Wrapper, uncommitted


def check_tag(lock: Lock | None, name: str, revision: Revision, location: str) -> None:
    """Raise UserError if the locked tag of an upstream now names another commit."""
    known = lock.carried.get(name) if lock else None
    if known is None or known.ref != revision.ref or known.commit == revision.commit:
        return
    if revision.ref in upstream.tags(location):
        raise UserError(
            f"the tag {revision.ref} was {known.commit} and is now {revision.commit}",
            where=revision.location,
            hint="ask upstream why; --to with the new commit takes it nevertheless",
        )


def check_layout(wrapper: Wrapper, config: Config, lock: Lock | None) -> None:
    """Raise UserError where what lies in a folder is not what the config says."""
    carried = (
        *config.upstreams,
        *(d.upstream for d in config.dependencies if d.follows),
    )
    for one in carried:
        name, folder = str(one.folder), wrapper.root / one.folder
        if one.is_submodule:
            read_gitlink(wrapper, one.folder)
        elif (folder / ".git").exists():
            raise UserError(
                "is a repository of its own; an update writes a snapshot there",
                where=name,
                hint=f'for a submodule write mode = "submodule" in {NAME}; else '
                f"git rm {name}, commit, and run the update again",
            )
        elif folder.exists() and not folder.is_dir():
            raise UserError("is a file, but should be the vendored folder", where=name)
        known = lock.carried.get(one.name) if lock else None
        if known and known.folder != name:
            raise one.choices.table.error(
                f"the folder is {name}, but {LOCK_NAME} has it in {known.folder}",
                "folder",
                hint=f"git mv {known.folder} {name}, and write {name} in {LOCK_NAME}",
            )
        if known and known.mode != one.mode:
            raise one.choices.table.error(
                f"the mode is {one.mode}, but {LOCK_NAME} has a {known.mode}",
                "mode",
                hint=f"git rm -r {name} {LOCK_NAME}, commit, and update again",
            )


def vendored(
    root: Path, wanted: Upstream, lock: Lock | None, finder: Finder
) -> tuple[Entry, ...] | None:
    """Return the files that are vendored now, or None if the lock does not know them.

    Raises UserError if some are changed.
    """
    known = lock.carried.get(wanted.name) if lock else None
    if known is None:
        return None
    name = str(wanted.folder)
    present = read_folder(root / name, known.algorithm)
    if tree_hash(present, known.algorithm) != known.vendored:
        raise UserError(
            "has local changes, which an update would lose"
            f"{_named(wanted, known, present, finder)}",
            where=name,
            hint=f"keep such changes in a patch that {NAME} names, or outside {name}; to "
            f"give them up, remove it and {LOCK_NAME}, commit, and update to {known.ref}",
        )
    return present


def taken_over(root: Path, one: Brought) -> tuple[Entry, ...]:
    """Return what lies in a folder that the lock does not know.

    Raises UserError unless there is nothing, or exactly what is brought there.
    """
    name = str(one.upstream.folder)
    present = read_folder(root / name, one.algorithm)
    if present and (found := differences(one.entries, present)):
        raise UserError(
            f"is there without being in {LOCK_NAME}, and it is not "
            f"{one.upstream.name} {one.revision.ref}: {_first(list(found))}",
            where=name,
            hint="update --to the revision it holds, with `take` as it was taken and "
            f"changes of your own as patches; or git rm -r {name} and commit",
        )
    return present


def _named(
    wanted: Upstream, known: Locked, present: Sequence[Entry], finder: Finder
) -> str:
    """Return which files differ from the locked revision, or nothing if it is out of reach."""
    try:
        entries = taken(
            upstream.entries(finder.resolve(wanted, known.commit)), wanted.take
        )
    except UserError:
        return ""
    # Patched files differ from upstream's in any case.
    if tree_hash(entries, known.algorithm) != known.vendored:
        return ""
    return f": {_first(list(differences(entries, present)))}"


def check_committed(
    wrapper: Wrapper, written: Sequence[PurePosixPath], config: Config
) -> None:
    """Raise UserError if the wrapper has changes that git does not have."""
    # Changing the config or a patch is a usual reason to run an update.
    carried = (*config.upstreams, *(d.upstream for d in config.dependencies))
    ours = {NAME, *(str(patch) for one in carried for patch in one.patches)}
    names = [name for name in uncommitted(wrapper, written) if name not in ours]
    if names:
        raise UserError(
            f"has changes that are not committed: {_first(names)}",
            where=str(wrapper.root),
            hint="commit or stash them, so that the update can be told apart",
        )


def _first(names: Sequence[str], count: int = 10) -> str:
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more
