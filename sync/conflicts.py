"""Leave a patch that does not apply to the user, and take up the update where it stopped.

The files the patch touches lie beside the wrapper's own: as far as the patch did apply,
with the rest in files that end in `.rej`, until the user has set them right.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlxport.cli.errors import UserError

from .patches import REJECTED, refreshed
from .vendoring import ConflictError

FOLDER = ".mlxport-conflict"
STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Stopped:
    """An update that stopped at a patch: the refs and commits it was to bring, by name.

    `resolved` are the patches that the user has set right, by their path.
    """

    refs: Mapping[str, str]
    commits: Mapping[str, str]
    resolved: Mapping[PurePosixPath, bytes]


def pending(root: Path) -> bool:
    """Tell whether an update of the wrapper has stopped at a conflict."""
    return (root / FOLDER).is_dir()


def stage(
    root: Path,
    error: ConflictError,
    revisions: Mapping[str, tuple[str, str]],
    resolved: Mapping[PurePosixPath, bytes],
) -> Path:
    """Write the files of a conflict for the user, and return the folder they lie in.

    `revisions` are the ref and the commit of each upstream, by name.
    """
    made = root / f"{FOLDER}.tmp"
    shutil.rmtree(made, ignore_errors=True)
    conflict = error.conflict
    state = {
        "patch": str(conflict.path),
        "upstream": error.upstream,
        "touched": sorted(
            {p.removesuffix(REJECTED) for p in (*conflict.before, *conflict.merged)}
        ),
        "revisions": {name: list(pair) for name, pair in revisions.items()},
        "resolved": {str(p): text.decode("latin-1") for p, text in resolved.items()},
    }
    try:
        made.mkdir()
        # Git does not list what lies here.
        (made / ".gitignore").write_text("*\n")
        _write(made / "before", conflict.before)
        _write(made / error.upstream, conflict.merged)
        (made / STATE).write_text(json.dumps(state, indent=2))
        shutil.rmtree(root / FOLDER, ignore_errors=True)
        os.replace(made, root / FOLDER)
    except OSError as failure:
        shutil.rmtree(made, ignore_errors=True)
        reason = failure.strerror or str(failure)
        raise UserError(f"cannot be written: {reason}", where=str(made)) from None
    return root / FOLDER / error.upstream


def take_up(root: Path) -> Stopped:
    """Return the stopped update, with the patch that the user's files now amount to.

    Raises UserError while there are hunks left to set right.
    """
    folder = root / FOLDER
    if not pending(root):
        raise UserError(
            "no update has stopped at a conflict here",
            where=str(root),
            hint="run it without --continue",
        )
    state = _read(folder)
    own = folder / str(state["upstream"])
    if left := sorted(str(p.relative_to(root)) for p in own.rglob(f"*{REJECTED}")):
        raise UserError(
            f"there are hunks left: {', '.join(left)}",
            where=str(own),
            hint="put each into the file beside it, and remove the .rej file",
        )
    patch = PurePosixPath(state["patch"])
    resolved = {
        PurePosixPath(p): text.encode("latin-1")
        for p, text in state["resolved"].items()
    }
    old = resolved.get(patch) or (root / patch).read_bytes()
    resolved[patch] = refreshed(
        old,
        _contents(folder / "before", state["touched"]),
        _contents(own, state["touched"]),
    )
    revisions = state["revisions"]
    return Stopped(
        {name: ref for name, (ref, _) in revisions.items()},
        {name: commit for name, (_, commit) in revisions.items()},
        resolved,
    )


def give_up(root: Path) -> bool:
    """Remove what a conflict has left; tell whether there was one."""
    found = pending(root)
    for name in (FOLDER, f"{FOLDER}.tmp"):
        shutil.rmtree(root / name, ignore_errors=True)
    return found


def _read(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_bytes())
        if (
            not {"patch", "upstream", "touched", "revisions", "resolved"}
            <= state.keys()
        ):
            raise ValueError
    except (OSError, ValueError, AttributeError):
        raise UserError(
            "is not what mlxport wrote",
            where=str(folder / STATE),
            hint="give the update up with --abort, and run it again",
        ) from None
    return state


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _contents(folder: Path, names: list[str]) -> dict[str, bytes]:
    return {
        name: (folder / name).read_bytes()
        for name in names
        if (folder / name).is_file()
    }
