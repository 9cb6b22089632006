"""Find the Python files that a person means by a folder."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from mlxport.cli.errors import UserError

# Not written by hand, or not by the people of this repository.
SKIPPED = {
    "__pycache__", "_vendor", "build", "dist", "env", "generated", "node_modules",
    "site-packages", "third_party", "third-party", "thirdparty", "vendor", "vendored", "venv",
}  # fmt: skip

PROJECT_MARKS = (".git", "pyproject.toml", "setup.cfg", "setup.py")


@dataclass(frozen=True)
class Found:
    """A file, the name it has in diffs and messages, and the folder it was found in."""

    path: Path
    name: str
    root: Path

    @property
    def inner(self) -> str:
        """The name from the folder that was given."""
        return self.path.relative_to(self.root).as_posix()


def find_files(
    paths: Iterable[str], exclude: Sequence[str] = (), base: Path = Path()
) -> list[Found]:
    """Return the files named and the Python files in the folders named, sorted by name.

    What `exclude` matches from the folder `base` is not looked for.
    """
    left_out = GitIgnoreSpec.from_lines(exclude)
    found: dict[Path, Found] = {}
    for text in paths:
        given = Path(text)
        if given.is_dir():
            for path in _in_folder(given):
                if exclude and left_out.match_file(os.path.relpath(path, base)):
                    continue
                found.setdefault(path.resolve(), Found(path, _name(path, given), given))
        elif given.is_file():
            name = _name(given, given.parent)
            found.setdefault(given.resolve(), Found(given, name, given.parent))
        else:
            problem = (
                "is not a file or folder"
                if given.exists()
                else "no such file or folder"
            )
            raise UserError(problem, where=text)
    return sorted(found.values(), key=lambda file: file.name)


def project(file: Found) -> Path:
    """Return the folder of the project that a file belongs to."""
    folder = Path(os.path.abspath(file.path)).parent
    for around in (folder, *folder.parents):
        if any((around / mark).exists() for mark in PROJECT_MARKS):
            return around
    if not (folder / "__init__.py").exists():
        return Path(os.path.abspath(file.root))
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def _name(path: Path, folder: Path) -> str:
    """Return a name that `git apply` takes, from here or else from the folder's repository."""
    here = os.path.relpath(os.path.abspath(path))
    if not here.startswith(".."):
        return Path(here).as_posix()
    base = _repository(folder) or folder.absolute()
    try:
        return path.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        return path.name


def _in_folder(folder: Path) -> Iterator[Path]:
    listed = git_output(
        folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    )
    if listed is None:
        yield from _walk(folder, [])
        return
    for name in set(listed.split("\0")):
        path = folder / name
        wanted = name.endswith(".py") and not _skipped(Path(name).parts)
        # A file can be in the index and no longer in the folder.
        if wanted and path.is_file() and not path.is_symlink():
            yield path


def _walk(folder: Path, ignored: list[tuple[Path, GitIgnoreSpec]]) -> Iterator[Path]:
    try:
        rules = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace")
        ignored = [*ignored, (folder, GitIgnoreSpec.from_lines(rules.splitlines()))]
    except OSError:
        pass
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror}", where=str(folder)
        ) from None
    for entry in entries:
        path = folder / entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if (
            entry.is_symlink()
            or _skipped((entry.name,))
            or _is_ignored(path, is_folder, ignored)
        ):
            continue
        if is_folder:
            yield from _walk(path, ignored)
        elif entry.name.endswith(".py"):
            yield path


def _is_ignored(
    path: Path, is_folder: bool, ignored: list[tuple[Path, GitIgnoreSpec]]
) -> bool:
    # The rules of an inner folder come later and win, as they do for git.
    for base, spec in reversed(ignored):
        name = path.relative_to(base).as_posix() + ("/" if is_folder else "")
        matched = spec.check_file(name).include
        if matched is not None:
            return matched
    return False


def _skipped(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part.lower() in SKIPPED for part in parts)


def _repository(folder: Path) -> Path | None:
    top = git_output(folder, "rev-parse", "--show-toplevel")
    return Path(top.rstrip("\n")) if top else None


def git_output(folder: Path, *arguments: str) -> str | None:
    """Return what git prints in a folder, None where it fails or there is none."""
    # git exports GIT_DIR inside hooks; the folder's own repository is meant here.
    env = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    }
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=env, capture_output=True, check=False)
    except OSError:
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None
