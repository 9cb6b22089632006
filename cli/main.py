"""Parse the command line and turn every outcome into an exit code."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version

from .errors import UserError

USER_ERROR, BUG, INTERRUPTED, BROKEN_PIPE = 2, 3, 130, 141


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command, each part adding its own commands."""
    # Not at the top: an interrupt while these are loaded is one like any other.
    from mlxport.codemods import commands as codemods
    from mlxport.sync import commands as sync

    from . import demo, info, recipes

    parser = argparse.ArgumentParser(
        prog="mlxport",
        description="Carry code built on Apple's MLX from one release to the next.",
        epilog="exit codes: 0 nothing to report, 1 changed or would change something, "
        "2 bad input, 3 a bug in mlxport, 130 interrupted",
    )
    parser.add_argument(
        "--version", action="version", version=f"mlxport {version('mlxport')}"
    )
    parser.set_defaults(recipes=recipes.migrating)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for part in (sync, codemods, demo, info):
        part.register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        args = build_parser().parse_args(argv)
        code: int = args.handler(args)
        sys.stdout.flush()
        return code
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our stdout is gone; the interpreter's own flush at exit must not
        # complain about it a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception:
        traceback.print_exc()
        print(
            "this is a bug in mlxport; please report it with the lines above",
            file=sys.stderr,
        )
        return BUG
