"""`mlxport demo`: the main job of every part on the inputs the package carries."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import interrupts
from .errors import UserError
from .progress import step

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

OLD, NEW = "v1.0.0", "v2.0.0"
MODES = ("affine", "mxfp4", "mxfp8", "nvfp4")


def register(commands: "Commands") -> None:
    """Add `demo` to the command line."""
    parser = commands.add_parser(
        "demo",
        help="the main job of every part on inputs that mlxport carries",
        description="Take a wrapper to a new upstream version, migrate a repository and run\n"
        "what came out, in a scratch folder and without a network.",
        epilog="examples:\n"
        "  mlxport demo\n"
        "  mlxport demo --keep /tmp/demo    leaves the repositories there to look at",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="work in this folder, which must not exist yet, and leave it",
    )
    parser.set_defaults(handler=run)


def run(args: argparse.Namespace) -> int:
    """Run the acts in the folder asked for, or in one that is removed afterwards."""
    scratch: AbstractContextManager[str]
    if args.keep is None:
        scratch = tempfile.TemporaryDirectory(prefix="mlxport-demo-")
    else:
        try:
            args.keep.mkdir(parents=True)
        except FileExistsError:
            raise UserError(
                "the folder exists already", where=str(args.keep), hint="name a new one"
            ) from None
        except OSError as error:
            raise UserError(
                f"the folder cannot be made: {error.strerror}", where=str(args.keep)
            ) from None
        scratch = nullcontext(str(args.keep))
    with scratch as folder:
        results = [act(Path(folder).resolve()) for act in (sync, migrate, runtime)]
    say("Summary")
    for result in results:
        print(f"  {result}")
    say("Next, on repositories of your own")
    print(
        "  mlxport sync lists --upstream https://github.com/ml-explore/mlx --ref v0.31.1"
    )
    print("  mlxport migrate PATH          # shows a diff and writes nothing")
    print("  mlxport sync --help")
    return 0


def sync(folder: Path) -> str:
    """Take a wrapper from one upstream version to the next."""
    from mlxport.examples import repositories

    say("1. sync: a wrapper meets a new upstream version")
    with step("building the upstream and its wrapper"):
        upstream = repositories.build_upstream(folder / "upstream")
        repositories.build_wrapper(folder / "wrapper", upstream)
    tell(
        "upstream/ is a C++ library in MLX's manner; wrapper/ compiles it with SwiftPM."
    )
    mlxport(folder, "sync lists --upstream upstream --ref v2.0.0 --config linux-cpu")
    mlxport(folder, f"sync update --wrapper wrapper --to {NEW}", code=1)
    show(folder, ["git", "-C", "wrapper", "status", "--short"])
    show(folder, ["git", "-C", "wrapper", "diff", "--", "Package.swift"])
    return f"wrapper/ compiles upstream {NEW}; it was {OLD}"


def migrate(folder: Path) -> str:
    """Migrate a repository that was written for MLX 0.28."""
    from mlxport.examples import repositories

    say("2. migrate: a repository meets the quantization modes of MLX 0.29")
    repositories.build_downstream(folder / "downstream")
    tell("downstream/ is a language model on MLX 0.28, with layers of its own.")
    tell("Before the migration, asked for mxfp4:")
    outcomes = exercise(folder, "mxfp4")
    for outcome in outcomes:
        print(f"  {outcome['check']:<16} {outcome['exception'] or outcome['error']}")
    if any(passed(outcome) for outcome in outcomes):
        raise RuntimeError("the code before the migration passes in mode mxfp4")
    mlxport(folder, "migrate downstream --to 0.29.1", code=1)
    mlxport(folder, "migrate downstream --to 0.29.1 --write", code=1)
    return "downstream/ takes a quantization mode wherever it took bits"


def runtime(folder: Path) -> str:
    """Run the migrated repository in every mode, and check what it computes."""
    say("3. runtime: the migrated code, run and checked where there is no MLX")
    print("Relative errors, and what is allowed:")
    for mode in MODES:
        outcomes = exercise(folder, mode)
        if mode == MODES[0]:
            print(f"  {'':<8}" + "".join(f"{o['check']:>17}" for o in outcomes))
            print(f"  {'':<8}" + "".join(f"{o['limit']:>17.0e}" for o in outcomes))
        wrong = [outcome for outcome in outcomes if not passed(outcome)]
        if wrong:
            raise RuntimeError(f"the migrated code is wrong in mode {mode}: {wrong}")
        print(f"  {mode:<8}" + "".join(f"{o['error']:>17.1e}" for o in outcomes))
    return f"it computes the right thing in {len(MODES)} modes: {', '.join(MODES)}"


def exercise(folder: Path, mode: str) -> list[dict[str, Any]]:
    """Run the checks of downstream/ in `mode`, in a process of its own."""
    command = [sys.executable, "-m", "mlxport.examples.exercise", "downstream", mode]
    with step(f"running downstream/ in mode {mode}"):
        with interrupts.held():
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
        with process:
            try:
                printed, _ = process.communicate()
            except BaseException:
                process.kill()
                raise
    outcomes: list[dict[str, Any]] = json.loads(printed)
    return outcomes


def passed(outcome: dict[str, Any]) -> bool:
    """Whether the check had an error to compare and it is within the limit."""
    return outcome["error"] is not None and outcome["error"] <= outcome["limit"]


def mlxport(folder: Path, arguments: str, code: int = 0) -> None:
    """Run this command as the user would, and show it."""
    print(f"\n$ mlxport {arguments}", flush=True)
    command = [sys.executable, "-m", "mlxport.cli", *shlex.split(arguments)]
    expect(subprocess.run(command, cwd=folder, check=False), code)


def show(folder: Path, command: list[str]) -> None:
    """Run git, and show it."""
    print(f"\n$ {shlex.join(command)}", flush=True)
    env = {**os.environ, "GIT_PAGER": "cat", "GIT_CONFIG_GLOBAL": os.devnull}
    expect(subprocess.run(command, cwd=folder, env=env, check=False), 0)


def expect(done: subprocess.CompletedProcess[bytes], code: int) -> None:
    """Stop the demo where a command did not end as it should."""
    if done.returncode != code:
        raise RuntimeError(
            f"{shlex.join(done.args)} returned {done.returncode}, not {code}"
        )


def say(title: str) -> None:
    """Print the title of an act."""
    print(f"\n{title}\n{'-' * len(title)}")


def tell(sentence: str) -> None:
    """Print a sentence of the story."""
    print(sentence)
