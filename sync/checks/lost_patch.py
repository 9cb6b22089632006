"""A local patch of vendored files is not in them, or is itself gone."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from git import Git

from ..findings import Finding
from ..gitenvironment import without_caller
from ..subject import Subject

READS = "the .patch files of the wrapper, the files they change, and notes that name patches"
TOUCHED = re.compile(r"^\+\+\+ b/(.+?)\t?$", re.M)
NAMED = re.compile(r"[\w./+-]*\w\.patch\b")


def find(subject: Subject) -> Iterator[Finding]:
    """Yield patches that apply, so are not applied, and notes on patches that are gone."""
    patches = {path for path in subject.files if path.endswith((".patch", ".diff"))}
    for path in sorted(patches):
        if folder := _unapplied(subject, path):
            yield Finding(
                path,
                1,
                "lost-patch",
                path,
                f"is not applied to {folder}",
                f"git apply --directory={folder} {path}",
            )
    kept = {PurePosixPath(path).name for path in patches}
    for path in subject.files:
        if not path.endswith((".md", ".txt")):
            continue
        for number, line in enumerate(subject.text(path).splitlines(), 1):
            for name in NAMED.findall(line):
                if PurePosixPath(name).name not in kept and "appl" in line:
                    yield Finding(
                        path,
                        number,
                        "lost-patch",
                        name,
                        f"says that {name} is applied, and the wrapper does not have it",
                        "keep the patch beside the note, so that it can be applied again",
                    )


def _unapplied(subject: Subject, path: str) -> str:
    """Return the folder whose files a patch applies to, if it is applied nowhere."""
    touched = TOUCHED.findall(subject.text(path))
    if not touched:
        return ""
    root = subject.wrapper.root
    name = touched[0]
    folders = {
        file.removesuffix(name).rstrip("/") or "."
        for file in subject.files
        if f"/{file}".endswith(f"/{name}")
    }
    patch = root / path
    whole = [f for f in folders if all((root / f / t).is_file() for t in touched)]
    if any(_applies(root, folder, patch, reverse=True) for folder in whole):
        return ""
    return next((f for f in sorted(whole) if _applies(root, f, patch)), "")


def _applies(root: Path, folder: str, patch: Path, reverse: bool = False) -> bool:
    git = Git(root / folder)
    # Outside a repository the paths of the patch are relative to the folder itself.
    git.update_environment(
        GIT_CEILING_DIRECTORIES=str((root / folder).parent),
        GIT_DIR=os.devnull,
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
    )
    options = ["--check", *(["--reverse"] if reverse else [])]
    with without_caller():
        status, _, _ = git.apply(
            *options, str(patch), with_extended_output=True, with_exceptions=False
        )
    return int(status) == 0
