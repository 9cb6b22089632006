"""Apply a wrapper's patches to upstream's tree, and say where one does not apply any more."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from git import Git

from mlxport.cli.errors import UserError

from .gitenvironment import without_caller
from .temporary import temporary_folder
from .wrapper import diff

REJECTED = ".rej"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A patch that does not apply to a new upstream: `hunks` are the lines it wanted, by file.

    `before` are the files it touches, as they were, and `merged` the same with those hunks
    applied that do apply, and the others in files that end in `.rej`.
    """

    path: PurePosixPath
    hunks: Mapping[str, tuple[str, ...]]
    before: Mapping[str, bytes]
    merged: Mapping[str, bytes]

    def __str__(self) -> str:
        return "; ".join(
            f"{path}, hunk{'s' * (len(hunks) > 1)} {', '.join(hunks) or 'all'}"
            for path, hunks in self.hunks.items()
        )


def apply_patch(tree: Path, path: PurePosixPath, patch: bytes) -> bytes | Conflict:
    """Apply a patch to `tree` and return it as it should read now, or what is in the way.

    The patch comes back as it was when it applied exactly; one that applied somewhere else,
    or with other lines around it, comes back refreshed. On a conflict the tree is unchanged.
    Raises UserError for what is no patch, or would write outside the tree.
    """
    touched = _touched(patch, path)
    before = dict(_contents(tree, touched))
    with temporary_folder() as scratch:
        for name in before:
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tree / name, scratch / name)
        for options in ((), ("-C1",)):
            code, said = _git_apply(scratch, patch, *options, "--verbose")
            if code == 0:
                after = dict(_contents(scratch, touched))
                _copy_back(scratch, tree, touched)
                exact = not options and "offset" not in said and "fuzz" not in said
                return patch if exact else refreshed(patch, before, after)
        _, said = _git_apply(scratch, patch, "--reject", "--verbose")
        found = {name: tuple(hunks) for name, hunks in _rejected(said, touched)}
        if not found:
            raise UserError(f"cannot be applied: {_reason(said)}", where=str(path))
        names = [*touched, *(f"{name}{REJECTED}" for name in touched)]
        return Conflict(path, found, before, dict(_contents(scratch, names)))


def refreshed(
    patch: bytes, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> bytes:
    """Return a patch from `before` to `after` under the words at the head of `patch`."""
    with temporary_folder() as scratch:
        _write(scratch, before)
        names = sorted({*before, *after})
        body = diff(scratch, {PurePosixPath(name): after.get(name) for name in names})
    head = re.split(rb"(?m)^(?=diff --git |--- |Index: )", patch, maxsplit=1)[0]
    return head + body


def digest(patch: bytes) -> str:
    """Return the SHA-256 that the lock records of a patch."""
    return hashlib.sha256(patch).hexdigest()


def _touched(patch: bytes, path: PurePosixPath) -> list[str]:
    """Return the files a patch reads or writes, as git understands it."""
    with temporary_folder() as scratch:
        code, said = _git_apply(scratch, patch, "--numstat", "-z", out=True)
        back, again = _git_apply(scratch, patch, "--numstat", "-z", "-R", out=True)
    if code != 0 or back != 0:
        raise UserError(f"is no patch that git takes: {_reason(said)}", where=str(path))
    # `ADDED TAB REMOVED TAB NAME`; of a file that moves two names follow instead.
    records = filter(None, (said + again).split("\0"))
    names = set(filter(None, (record.rpartition("\t")[2] for record in records)))
    for name in names:
        parts = name.split("/")
        if any(p in ("", ".", "..") or p.lower() == ".git" for p in parts):
            raise UserError(
                f"would write {name!r}, outside upstream's tree",
                where=str(path),
                hint="name the files by their path in upstream, with one folder before it",
            )
    return sorted(names)


def _git_apply(
    folder: Path, patch: bytes, *options: str, out: bool = False
) -> tuple[int, str]:
    file = folder.parent / f"{folder.name}.patch"
    file.write_bytes(patch)
    git = Git(folder)
    # Without a repository of its own git would apply to one that TMPDIR may lie in.
    git.update_environment(
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CEILING_DIRECTORIES=str(folder.parent),
        LC_ALL="C",
    )
    try:
        with without_caller():
            code, printed, said = git.apply(
                "--whitespace=nowarn",
                *options,
                str(file),
                with_extended_output=True,
                with_exceptions=False,
                strip_newline_in_stdout=False,
            )
    finally:
        file.unlink()
    return code, str(printed) if out and code == 0 else str(said)


def _rejected(said: str, touched: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each file with the numbers of its hunks that git rejected."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in said.splitlines():
        if match := re.match(
            r"(?:Applying|Checking) patch (.*?) with \d+ reject", line
        ):
            name = match[1]
        elif match := re.match(r"Checking patch (.*)\.\.\.", line):
            name = match[1].split(" => ")[-1]
        elif match := re.match(r"Rejected hunk #(\d+)", line):
            found.setdefault(name, []).append(match[1])
        elif (match := re.match(r"error: (.*?): \D", line)) and match[1] in touched:
            # A file that is gone has no hunk that could be rejected.
            found.setdefault(match[1], [])
    yield from sorted(found.items())


def _reason(said: str) -> str:
    lines = re.findall(r"(?m)^(?:error|fatal): (.*)", said)
    return lines[0] if lines else said.strip().partition("\n")[0] or "it is empty"


def _contents(folder: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        file = folder / name
        if any(
            p.is_symlink() for p in (file, *file.parents) if p.is_relative_to(folder)
        ):
            raise UserError(
                "a patch may not change what lies behind a link", where=name
            )
        if file.is_file():
            yield name, file.read_bytes()


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _copy_back(scratch: Path, tree: Path, names: list[str]) -> None:
    for name in names:
        if not (scratch / name).exists():
            (tree / name).unlink(missing_ok=True)
            continue
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(scratch / name, tree / name)
