"""Replace several files and folders of a wrapper as one step, or not at all.

All that is new is written into a staging folder beside the tree. A journal, itself put in
place by one rename, is the moment of decision: a run killed before it has changed nothing,
and one killed after it is finished by the next run, which finds the journal.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from mlxport.cli.errors import UserError

from . import submodules
from .snapshot import read_file, read_folder, tree_hash

STAGING = ".mlxport-update"
JOURNAL = "journal.json"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Step:
    """One path that is replaced; `before` and `after` are the hashes of what is there."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A submodule whose work tree follows from one commit to another, after all the moves."""

    path: str
    before: str
    after: str


@contextmanager
def exclusive(git_folder: Path) -> Iterator[None]:
    """Keep other runs from writing; raise UserError if one is writing now."""
    # The file lies in git's folder, so it never shows among the wrapper's own.
    lock = FileLock(git_folder / "mlxport.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            "another mlxport is updating this wrapper",
            where=str(git_folder.parent),
            hint="wait until it is done",
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot lock: {reason}", where=str(git_folder)) from None
    try:
        yield
    finally:
        lock.release()


def replace(
    root: Path,
    new: Mapping[PurePosixPath, Path | bytes | None],
    checkouts: Sequence[Checkout] = (),
) -> None:
    """Put a copied folder or a file's bytes at each path of `new`, all or none.

    None removes what is there, and a path may be absolute. The work trees of `checkouts` follow when all is in place, and
    must have their commits. Raises UserError if something cannot be written, for example
    on a full disk; nothing has changed then.
    """
    staging = root / STAGING
    if staging.exists():
        raise UserError("is left of an interrupted update", where=str(staging))
    try:
        (staging / "new").mkdir(parents=True)
        (staging / "old").mkdir()
        # Git does not list what lies here, so a run that was killed leaves no dirty tree.
        (staging / ".gitignore").write_text("*\n")
        steps = []
        for index, (path, content) in enumerate(new.items()):
            staged = staging / "new" / str(index)
            if content is not None:
                _stage(content, staged, root / path)
            if isinstance(content, Path) and state(staged) != state(content):
                raise OSError(errno.EIO, "the copy differs", str(staged))
            steps.append(Step(str(path), state(root / path), state(staged)))
        _write_journal(staging, steps, checkouts)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        place, reason = _explained(error)
        raise UserError(
            f"cannot stage the update: {reason}; nothing has changed",
            where=place or str(staging),
        ) from None
    _finish(root, steps, checkouts)


def pending(root: Path) -> bool:
    """Tell whether an earlier run was stopped before it had cleaned up."""
    return (root / STAGING).is_dir()


def recover(root: Path) -> bool:
    """Finish or undo what a killed run has begun; tell whether its update is now in place."""
    staging = root / STAGING
    if not pending(root):
        return False
    try:
        journal = json.loads((staging / JOURNAL).read_bytes())
        steps = [Step(**step) for step in journal["steps"]]
        checkouts = [Checkout(**each) for each in journal["checkouts"]]
    except FileNotFoundError:
        # It had not decided yet, so nothing was moved.
        shutil.rmtree(staging)
        return False
    except (ValueError, TypeError, KeyError):
        raise UserError(
            "is not a journal that mlxport wrote",
            where=str(staging / JOURNAL),
            hint=f"restore the wrapper from git and remove {STAGING}",
        ) from None
    now = [state(root / step.path) for step in steps]
    for step, found in zip(steps, now, strict=True):
        if found not in (step.before, step.after, MISSING):
            raise UserError(
                "has changed since an update was interrupted",
                where=str(root / step.path),
                hint=f"restore it from git, or remove {STAGING} to give the update up",
            )
    staged = [(staging / "new" / str(i)).exists() for i in range(len(steps))]
    if all(
        # Nothing is staged for what is removed, so that can always be finished.
        found == step.after or there or step.after == MISSING
        for step, found, there in zip(steps, now, staged, strict=True)
    ):
        _finish(root, steps, checkouts)
        return True
    # Part of the update was taken back by hand: take the rest back too.
    for index, (step, found) in enumerate(zip(steps, now, strict=True)):
        old = staging / "old" / str(index)
        if found != step.before:
            _remove(root / step.path)
            if old.exists():
                os.replace(old, root / step.path)
    for each in checkouts:
        submodules.checkout(root / each.path, each.before)
    shutil.rmtree(staging)
    return False


def state(path: Path) -> str:
    """Return a hash of the file or folder at `path`, its permission to run included."""
    if path.is_dir() and not path.is_symlink():
        return f"folder {tree_hash(read_folder(path))}"
    if path.exists() or path.is_symlink():
        entry = read_file(path, "")
        return f"{entry.mode:o} {entry.object}"
    return MISSING


def _stage(content: Path | bytes, staged: Path, target: Path) -> None:
    if isinstance(content, Path):
        shutil.copytree(content, staged, symlinks=True)
        return
    staged.write_bytes(content)
    if target.exists():
        shutil.copymode(target, staged)


def _write_journal(
    staging: Path, steps: Sequence[Step], checkouts: Sequence[Checkout]
) -> None:
    written = staging / f"{JOURNAL}.tmp"
    journal = {
        "steps": [asdict(step) for step in steps],
        "checkouts": [asdict(each) for each in checkouts],
    }
    with written.open("w") as file:
        json.dump(journal, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(written, staging / JOURNAL)


def _finish(
    root: Path, steps: Sequence[Step], checkouts: Sequence[Checkout] = ()
) -> None:
    """Move all that is staged into place; what a killed run has moved is moved already."""
    staging = root / STAGING
    try:
        for index, step in enumerate(steps):
            staged, old = staging / "new" / str(index), staging / "old" / str(index)
            target = root / step.path
            if not staged.exists() and step.after != MISSING:
                continue
            if target.exists():
                _remove(old)
                os.replace(target, old)
            if step.after != MISSING:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(staged, target)
        for each in checkouts:
            submodules.checkout(root / each.path, each.after)
        shutil.rmtree(staging)
    except OSError as error:
        place, reason = _explained(error)
        raise UserError(
            f"cannot put the update in place: {reason}",
            where=place,
            hint="set this right and run the same command again; it will finish",
        ) from None


def _explained(error: OSError) -> tuple[str | None, str]:
    """Return the file and the reason of an error; copying a folder collects several."""
    if isinstance(error, shutil.Error):
        _, place, reason = error.args[0][0]
        return str(place), str(reason)
    return error.filename, error.strerror or str(error)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
