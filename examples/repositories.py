"""Build the example repositories: an upstream, a wrapper around it and a project on MLX.

They come out the same everywhere: author and dates are fixed, and neither the caller's git
configuration nor hooks take part.
"""

import os
import shutil
import subprocess
from pathlib import Path

from mlxport.cli.errors import UserError

HERE = Path(__file__).parent
RELEASES = ("v1.0.0", "v2.0.0")
DATES = ("2026-01-05T12:00:00Z", "2026-03-02T12:00:00Z")


def build_upstream(folder: Path) -> Path:
    """Make `folder` a git repository with the tags v1.0.0 and v2.0.0 and return it.

    The folder must not exist, or be empty.
    """
    _start(folder, HERE / "upstream")
    _commit(folder, "Release 1.0.0", DATES[0])
    _git(folder, "tag", RELEASES[0])
    _git(folder, "apply", "--index", str((HERE / "upstream.patch").resolve()))
    _commit(folder, "Release 2.0.0", DATES[1])
    _git(folder, "tag", RELEASES[1])
    return folder


def build_wrapper(folder: Path, upstream: Path) -> Path:
    """Make `folder` the repository of a wrapper that vendors v1.0.0 and return it.

    `upstream` is a repository that `build_upstream` made.
    """
    from mlxport.sync import transaction
    from mlxport.sync.update import planned
    from mlxport.sync.wrapper import find_wrapper

    _start(folder, HERE / "wrapper")
    config = folder / "mlxport.toml"
    location = os.path.relpath(upstream.resolve(), folder.resolve())
    written = config.read_text().replace(
        '"../upstream"', f"'{Path(location).as_posix()}'"
    )
    config.write_text(written)
    _commit(folder, "Start the package", DATES[0])
    wrapper = find_wrapper(folder)
    with planned(wrapper, RELEASES[0]) as plan:
        transaction.replace(wrapper.root, plan.new)
    _commit(folder, "Vendor mlx 1.0.0", DATES[0])
    return folder


def build_downstream(folder: Path) -> Path:
    """Make `folder` the repository of a language model on MLX 0.28 and return it."""
    _start(folder, HERE / "downstream")
    _commit(folder, "Release 0.3.0", DATES[0])
    return folder


def _start(folder: Path, example: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UserError("the folder is not empty", where=str(folder))
    _git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(example, folder, dirs_exist_ok=True, ignore=ignored)
    # An installer may have lost these bits, and they are part of a tree's hash.
    for path in folder.rglob("*"):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            path.chmod(0o755 if path.suffix == ".sh" else 0o644)


def _commit(folder: Path, message: str, date: str) -> None:
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", message, date=date)


def _git(folder: Path, *arguments: str, date: str = DATES[0]) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {
            f"GIT_{role}_NAME": "mlxport",
            f"GIT_{role}_EMAIL": "mlxport@example.invalid",
            f"GIT_{role}_DATE": date,
        }
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
    }
    try:
        subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        hint = "install git and put it on PATH"
        raise UserError("there is no git command", hint=hint) from None
