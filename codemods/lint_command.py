"""`mlxport lint`: report what a migration would do and what is left to people."""

import argparse
import sys
from typing import TYPE_CHECKING

from mlxport.cli.progress import step

from .options import add_options, chosen
from .printing import FAILED, FOUND, NOTHING, print_errors, print_summary

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

LINT = """\
Report where Python code drops a quantization mode or uses what a release of MLX changed,
without editing anything. A comment keeps a line out of it: # mlxport: ignore[RECIPE] why

exit codes: 0 nothing found, 1 something found, 2 bad input
"""
EXAMPLES = """\
examples:
  mlxport lint .
  mlxport lint src --format github              annotations, in a GitHub workflow
  mlxport lint . --format sarif > mlxport.sarif for code scanning
  mlxport lint . --select quantization-mode     one recipe only
"""


def register(commands: "Commands") -> None:
    """Add `lint` to the command line."""
    parser = commands.add_parser(
        "lint",
        help="report dropped modes and deprecated calls, without editing",
        description=LINT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        default="text",
        help="text (a line for each place), json, sarif or github",
    )
    parser.set_defaults(handler=lint_paths)


def lint_paths(args: argparse.Namespace) -> int:
    """Run `mlxport lint`."""
    from .formats import load_format
    from .migration import lint_files

    run = chosen(args)
    with step(f"reading {len(run.files)} files"):
        outcomes = lint_files(run.files, run.recipes)
    sys.stdout.flush()
    sys.stdout.buffer.write(load_format(args.format)(outcomes, editing=False))
    found = print_summary(outcomes)
    if print_errors(outcomes):
        return FAILED
    return FOUND if found else NOTHING
