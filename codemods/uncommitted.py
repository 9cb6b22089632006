"""Find files whose content is nowhere but in the working tree."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from mlxport.cli.errors import UserError

from .files import Found, git_output

AT_ONCE = 200
SHOWN = 5


def refuse_uncommitted(files: Sequence[Found]) -> None:
    """Raise `UserError` if git has no copy of what one of the files holds."""
    folders: dict[Path, list[Found]] = defaultdict(list)
    for file in files:
        folders[file.path.resolve().parent].append(file)
    dirty = [
        file.name for folder in folders for file in _dirty(folder, folders[folder])
    ]
    if not dirty:
        return
    names = ", ".join(sorted(dirty)[:SHOWN]) + (", ..." if len(dirty) > SHOWN else "")
    raise UserError(
        f"not committed, and would be edited: {names}",
        hint="commit or stash the changes, or use --allow-dirty",
    )


def _dirty(folder: Path, files: Sequence[Found]) -> list[Found]:
    top = git_output(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return []
    base = Path(top.rstrip("\n")).resolve()
    dirty: set[Path] = set()
    for start in range(0, len(files), AT_ONCE):
        names = [f.path.resolve().name for f in files[start : start + AT_ONCE]]
        # No pattern: a file may be called `[a].py`.
        listed = git_output(
            folder, "--literal-pathspecs", "status", "--porcelain", "-z",
            "--untracked-files=all", "--no-renames", "--", *names,
        )  # fmt: skip
        # Two letters and a space precede a name from the top of the repository.
        dirty |= {base / entry[3:] for entry in (listed or "").split("\0") if entry}
    return [file for file in files if file.path.resolve() in dirty]
