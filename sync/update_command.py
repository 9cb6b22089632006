"""`mlxport sync update`: arguments and printing."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EPILOG = """\
example:
  mlxport sync update --wrapper ~/mlx-swift --to v0.31.1 --dry-run | less

mlxport.toml:
  [upstreams.mlx]
  location = "https://github.com/ml-explore/mlx"   # or a folder
  folder = "Source/Cmlx/mlx"                       # where it is vendored
  take = ["/mlx/"]                                 # gitignore patterns; all without it
  options = { MLX_BUILD_GGUF = false }             # as for `sync lists --set`
  substitute = { "mlx/distributed/mpi/mpi.cpp" = "mlx/distributed/mpi/no_mpi.cpp" }

  [configurations.darwin-metal-jit]                # each may have options, drop, substitute
  drop = ["mlx/backend/cpu/compiled.cpp"]          # files or folders

  [[outputs]]
  format = "swiftpm"
  path = "Package.swift"
  target = "Cmlx"
  cover = "smallest"             # or "quiet": also what SwiftPM would warn about
  defines = ["MLX_VERSION"]      # their values follow upstream's
  [outputs.platforms]            # every platform the manifest is built for
  darwin-metal-jit = { os = "macOS" }

exit codes: 0 nothing to do, 1 changed (or would), 2 bad input
"""


def register(commands: "Commands") -> None:
    """Add `update` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "update",
        help="bring a wrapper to another upstream revision",
        description="Vendor another revision of upstream and bring the wrapper's lists, "
        "defines\nand C++ standard up to date, as mlxport.toml says. All is written or "
        "nothing is;\na wrapper with uncommitted changes is refused.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--wrapper",
        type=Path,
        default=Path("."),
        metavar="PATH",
        help="the folder with mlxport.toml (the current one)",
    )
    parser.add_argument(
        "--to", metavar="REF", help="a tag, branch or commit (the newest version tag)"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the whole diff, as `git apply` takes it, and write nothing",
    )
    parser.set_defaults(handler=_update)


def _update(args: argparse.Namespace) -> int:
    from . import transaction
    from .summary import describe
    from .update import planned
    from .wrapper import diff, find_wrapper

    wrapper = find_wrapper(args.wrapper)
    if args.dry_run:
        if transaction.pending(wrapper.root):
            raise UserError(
                "an update was interrupted here",
                where=str(wrapper.root),
                hint="run it once without --dry-run; that finishes or undoes it",
            )
        with planned(wrapper, args.to) as plan:
            patch = diff(wrapper.root, plan.new)
        print(describe(plan), file=sys.stderr)
        sys.stdout.buffer.write(patch)
        return int(bool(plan.new))
    with transaction.exclusive(wrapper.git_folder):
        recovered = transaction.recover(wrapper.root)
        if recovered:
            print("finished an update that was interrupted", file=sys.stderr)
        with planned(wrapper, args.to) as plan:
            if plan.new:
                with step("writing"):
                    transaction.replace(wrapper.root, plan.new)
    print(describe(plan))
    if not plan.new:
        print("nothing to do")
    return int(recovered or bool(plan.new))
