"""`mlxport info`: versions, CPU features and devices, for a bug report."""

import argparse
import json
import platform
import shutil
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

LIBRARIES = ("numpy", "ml_dtypes", "libcst", "GitPython", "cmake")


def register(commands: "Commands") -> None:
    """Add `info` to the command line."""
    parser = commands.add_parser(
        "info",
        help="versions, CPU features and devices",
        description="Print what a bug report needs: versions, CPU features and devices.",
        epilog="example:\n  mlxport info --format json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Print the facts as text or JSON."""
    facts = collect()
    if args.format == "json":
        print(json.dumps(facts, indent=2))
        return 0
    for name, value in facts.items():
        print(f"{name + ':':<14}{_text(value)}")
    return 0


def collect() -> dict[str, Any]:
    """Return the facts by name."""
    from mlxport import runtime

    from .errors import UserError

    try:
        devices = runtime.devices()
    except ValueError as error:
        raise UserError(str(error)) from error
    return {
        "mlxport": version("mlxport"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "git": _git_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "cpu": list(runtime.cpu_features()),
        "modes": [mode.name for mode in runtime.modes()],
        "devices": [asdict(device) for device in devices],
    }


def _git_version() -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    run = subprocess.run(
        [git, "--version"], capture_output=True, text=True, check=False
    )
    return run.stdout.removeprefix("git version ").strip() or None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_text(inner) for inner in value) or "none"
    return "not found" if value is None else str(value)
