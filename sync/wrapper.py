"""The wrapper's own git repository: what is not committed in it, and diffs of its files."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from git import Git

from mlxport.cli.errors import UserError

from .gitenvironment import explained, without_caller
from .temporary import temporary_folder
from .upstream import opened


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A wrapper's folder and the git folder of the repository it lies in."""

    root: Path
    repository: Path
    git_folder: Path


def find_wrapper(folder: Path) -> Wrapper:
    """Return the wrapper in `folder`, which must lie in a git repository."""
    root = folder.expanduser().resolve()
    if not root.is_dir():
        raise UserError("no such folder", where=str(folder))
    above = (root, *root.parents)
    repository = next((path for path in above if (path / ".git").exists()), None)
    if repository is None:
        raise UserError(
            "is not in a git repository, so an update could not be taken back",
            where=str(folder),
            hint="git init, and commit what is there",
        )
    with opened(repository) as repo:
        return Wrapper(root, repository, Path(repo.git_dir).absolute())


def uncommitted(wrapper: Wrapper, written: Iterable[PurePosixPath]) -> tuple[str, ...]:
    """Return the changed files of the wrapper, and the untracked ones in the way of `written`.

    The names are relative to the wrapper and sorted. Untracked files elsewhere are harmless.
    """
    places = tuple(written)
    with opened(wrapper.repository) as repo:
        output = repo.git.status(
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--",
            str(wrapper.root),
            stdout_as_string=False,
        )
    found = []
    for record in filter(None, output.split(b"\0")):
        path = wrapper.repository / os.fsdecode(record[3:])
        name = PurePosixPath(path.relative_to(wrapper.root).as_posix())
        if record[:2] != b"??" or any(name.is_relative_to(place) for place in places):
            found.append(str(name))
    return tuple(sorted(found))


def diff(
    root: Path,
    new: Mapping[PurePosixPath, Path | bytes | None],
) -> bytes:
    """Return the patch from what lies in `root` to `new`, as `git apply` takes it.

    A value of `new` is a folder's replacement, a file's bytes, or None to remove it.
    """
    with temporary_folder() as scratch:
        # Without prefixes the names of these two become the a/ and b/ of the patch.
        before, after = scratch / "a", scratch / "b"
        before.mkdir()
        after.mkdir()
        for path, content in new.items():
            _copy(root / path, before / path)
            if isinstance(content, bytes):
                _write(content, after / path, mode_of=root / path)
            elif content is not None:
                _copy(content, after / path)
        git = Git(scratch)
        # Settings of the caller could turn the patch into one that does not apply.
        git.update_environment(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
        with without_caller():
            status, patch, said = git.diff(
                "--no-index",
                "--no-prefix",
                "--no-renames",
                "--binary",
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--",
                "a",
                "b",
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
    if status not in (0, 1):
        raise explained(str(said), str(root))
    return bytes(patch)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy(source, target)


def _write(content: bytes, target: Path, mode_of: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if mode_of.exists():
        shutil.copymode(mode_of, target)
