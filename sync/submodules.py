"""Upstreams that are git submodules of the wrapper: read where they stand, and move them.

The wrapper's index and the submodule's HEAD and work tree move. No hook, filter, file
system monitor or nested submodule takes part.
"""

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from .gitenvironment import without_password
from .temporary import temporary_folder
from .upstream import Revision, has, opened
from .wrapper import Wrapper

MODULES = ".gitmodules"
# What a submodule's URL may be; one that begins with a dot is relative to the wrapper's.
URL = re.compile(r"(https|file)://[^\s]+|\.\.?/[^\s]*|/[^\s]*")


@dataclass(frozen=True, slots=True)
class Gitlink:
    """A submodule that moves from one commit to another; `path` is in the wrapper."""

    path: PurePosixPath
    before: str
    after: str


def read_gitlink(wrapper: Wrapper, folder: PurePosixPath) -> str:
    """Return the commit the wrapper's index has for a submodule.

    Raises UserError where there is no such submodule, and where `.gitmodules` gives it a
    URL or a path that is not read.
    """
    path = str(folder)
    with opened(wrapper.repository) as repo:
        listed = repo.git.ls_files("--stage", "--", str(wrapper.root / folder))
    match = re.match(r"160000 ([0-9a-f]+) 0\t", str(listed))
    if not match:
        raise UserError(
            "is not a git submodule, but mlxport.toml says so",
            where=path,
            hint=f'git submodule add URL {path}, or write mode = "snapshot"',
        )
    _name(wrapper, folder)
    return match[1]


def own_repository(wrapper: Wrapper, folder: PurePosixPath) -> Path | None:
    """Return the submodule's own repository, or None if it was never cloned here."""
    if (wrapper.root / folder / ".git").exists():
        with opened(wrapper.root / folder) as repo:
            return Path(repo.git_dir)
    modules = wrapper.git_folder / "modules" / _name(wrapper, folder)
    return modules if (modules / "HEAD").is_file() else None


def gitlink_diff(link: Gitlink) -> bytes:
    """Return the patch of a submodule that moves, as git itself writes it."""
    path = str(link.path)
    return (
        f"diff --git a/{path} b/{path}\n"
        f"index {link.before}..{link.after} 160000\n"
        f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n"
        f"-Subproject commit {link.before}\n+Subproject commit {link.after}\n"
    ).encode()


def staged_index(wrapper: Wrapper, gitlinks: Iterable[Gitlink]) -> tuple[Path, bytes]:
    """Return the wrapper's index file and its new bytes, with the submodules moved."""
    with temporary_folder() as scratch, opened(wrapper.repository) as repo:
        index, copy = Path(repo.index.path), scratch / "index"
        shutil.copyfile(index, copy)
        start = wrapper.root.relative_to(wrapper.repository)
        for link in gitlinks:
            name = (start / link.path).as_posix()
            repo.git.update_index(
                "--cacheinfo",
                f"160000,{link.after},{name}",
                env={"GIT_INDEX_FILE": str(copy)},
            )
        return index, copy.read_bytes()


def bring(wrapper: Wrapper, link: Gitlink, revision: Revision) -> None:
    """Fetch the new commit into the submodule's own repository, if it has one checked out."""
    folder = wrapper.root / link.path
    if not (folder / ".git").exists():
        return
    with opened(folder) as repo:
        if has(Path(repo.git_dir), link.after):
            return
        source = revision.location
        if "://" not in source:
            source = str(revision.repository)
        repo.git.execute(
            [
                *("git", "-c", "fetch.negotiationAlgorithm=default", "fetch"),
                *("--quiet", "--no-tags", "--no-write-fetch-head"),
                *("--no-recurse-submodules", "--", source, link.after),
            ]
        )


def checkout(folder: Path, commit: str) -> None:
    """Let the work tree of a submodule follow, if it has one; twice is as good as once."""
    if not (folder / ".git").exists():
        return
    with opened(folder) as repo:
        # Filters are commands of a configuration; without one there are none to run.
        repo.git.update_environment(
            GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1"
        )
        repo.git.execute(
            [
                *(
                    "git",
                    "-c",
                    "core.fsmonitor=false",
                    "-c",
                    "advice.detachedHead=false",
                ),
                *("checkout", "--quiet", "--detach", "--no-recurse-submodules", commit),
            ]
        )


def _name(wrapper: Wrapper, folder: PurePosixPath) -> str:
    """Return the submodule's name in `.gitmodules`, after a look at its path and URL."""
    file = wrapper.repository / MODULES
    wanted = (wrapper.root / folder).relative_to(wrapper.repository).as_posix()
    if not file.is_file() or file.is_symlink():
        raise UserError("there is no such file", where=str(file))
    with opened(wrapper.repository) as repo:
        listed = str(repo.git.config("--file", str(file), "--list", "-z"))
    values = dict(entry.partition("\n")[::2] for entry in listed.split("\0") if entry)
    for key, value in values.items():
        if key.startswith("submodule.") and key.endswith(".path") and value == wanted:
            name = key.removeprefix("submodule.").removesuffix(".path")
            _check(file, name, values.get(f"submodule.{name}.url", ""))
            return name
    raise UserError(
        f"names no submodule in {wanted}",
        where=str(file),
        hint=f"git submodule add URL {wanted}",
    )


def _check(file: Path, name: str, url: str) -> None:
    parts = name.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise UserError(
            f"the name of the submodule {name!r} leaves git's folder", where=str(file)
        )
    if not URL.fullmatch(url):
        raise UserError(
            f"the submodule {name} has the URL {without_password(url)!r}",
            where=str(file),
            hint="use one that begins with https:// or file://",
        )
