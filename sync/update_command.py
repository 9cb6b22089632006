"""`mlxport sync update`: arguments and printing."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    from .update import Plan, Request
    from .wrapper import Wrapper

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EPILOG = """\
examples:
  mlxport sync update --wrapper ~/mlx-swift --to v0.31.1 --dry-run | less
  mlxport sync update --commit
  mlxport sync update --to v0.32.1 --to mlx-c=main --unpaired

mlxport.toml (mlxport sync init writes one):
  [upstreams.mlx]                                  # the first leads the others
  location = "https://github.com/ml-explore/mlx"   # or a folder
  folder = "Source/Cmlx/mlx"                       # where it is vendored
  mode = "snapshot"                                # or "submodule"
  take = ["/mlx/"]                                 # gitignore patterns; all without it
  patches = ["patches/mlx.patch"]                  # applied in this order
  options = { MLX_BUILD_GGUF = false }             # as for `sync lists --set`
  substitute = { "mlx/distributed/mpi/mpi.cpp" = "mlx/distributed/mpi/no_mpi.cpp" }

  [upstreams.mlx-c]                                # must be made for the first's version
  location = "https://github.com/ml-explore/mlx-c"
  folder = "Source/Cmlx/mlx-c"
  library = "mlxc"                                 # the target of its CMake

  [dependencies.fmt]                               # follows what upstream fetches;
  location = "https://github.com/fmtlib/fmt"       # without it, is only watched
  folder = "Source/Cmlx/fmt"

  [configurations.darwin-metal-jit]                # each may have options, drop, substitute
  drop = ["mlx/backend/cpu/compiled.cpp", "mlx/distributed/jaccl?"]   # ? may be absent
  mlx-c = { drop = ["mlx/c/metal.cpp"] }           # of another upstream than the first

  [[outputs]]
  format = "swiftpm"
  path = "Package.swift"
  target = "Cmlx"
  cover = "smallest"             # or "quiet": also what SwiftPM would warn about
  defines = ["MLX_VERSION"]      # their values follow upstream's
  [outputs.platforms]            # every platform the manifest is built for
  darwin-metal-jit = { os = "macOS" }

A patch that does not apply stops the update: set the files right in the folder it
names, then run `mlxport sync update --continue`.

exit codes: 0 nothing to do, 1 changed (or would), 2 bad input or a conflict
"""


def register(commands: "Commands") -> None:
    """Add `update` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "update",
        help="bring a wrapper to another upstream revision",
        description="Bring the upstreams of a wrapper to other revisions, and its lists, "
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
        "--to",
        action="append",
        default=[],
        metavar="[NAME=]REF",
        help="a tag, branch or commit, of the first upstream or of the one named; may be "
        "repeated (the newest version tags that fit)",
    )
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        metavar="NAME=PATH_OR_URL",
        help="read an upstream elsewhere this time, for example in a local mirror",
    )
    parser.add_argument(
        "--unpaired",
        action="store_true",
        help="take upstreams that are not made for each other's version",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the whole diff, as `git apply` takes it, and write nothing",
    )
    parser.add_argument(
        "--commit",
        action="store_true",
        help="commit the update, with its summary as the message; no hook runs",
    )
    stopped = parser.add_mutually_exclusive_group()
    stopped.add_argument(
        "--continue",
        action="store_true",
        dest="resume",
        help="go on after a conflict that you have set right",
    )
    stopped.add_argument(
        "--abort", action="store_true", help="give up an update that has a conflict"
    )
    parser.set_defaults(handler=_update)


def _update(args: argparse.Namespace) -> int:
    from . import conflicts, transaction
    from .wrapper import find_wrapper

    wrapper = find_wrapper(args.wrapper)
    if args.abort:
        with transaction.exclusive(wrapper.git_folder):
            found = conflicts.give_up(wrapper.root)
        print("gave the update up" if found else "no update has stopped here")
        return int(found)
    if args.dry_run and transaction.pending(wrapper.root):
        raise UserError(
            "an update was interrupted here",
            where=str(wrapper.root),
            hint="run it once without --dry-run; that finishes or undoes it",
        )
    if conflicts.pending(wrapper.root) and not args.resume:
        raise UserError(
            "an update has stopped at a conflict here",
            where=str(wrapper.root / conflicts.FOLDER),
            hint="set it right and run `mlxport sync update --continue`, or give it up "
            "with --abort",
        )
    if args.dry_run:
        return _show(wrapper, _request(args, wrapper))
    with transaction.exclusive(wrapper.git_folder):
        recovered = transaction.recover(wrapper.root)
        if recovered:
            print("finished an update that was interrupted", file=sys.stderr)
        return int(_write(wrapper, _request(args, wrapper), args.commit) or recovered)


def _request(args: argparse.Namespace, wrapper: "Wrapper") -> "Request":
    """Return what the arguments ask for; with --continue, what the update was to bring."""
    from . import conflicts
    from .update import Request

    refs: dict[str, str] = {}
    first: str | None = None
    for text in args.to:
        name, equals, ref = text.partition("=")
        if equals:
            refs[name] = ref
        else:
            first = text
    locations = {}
    for text in args.upstream:
        name, equals, location = text.partition("=")
        if not equals or not location:
            raise UserError(
                f"{text!r} is not NAME=PATH_OR_URL", hint="--upstream mlx=~/mlx"
            )
        locations[name] = location
    unpaired = args.unpaired
    resolved: Mapping[PurePosixPath, bytes] = {}
    commits: Mapping[str, str] = {}
    if args.resume:
        if args.to:
            raise UserError(
                "--continue goes on to where the update was going, not --to"
            )
        stopped = conflicts.take_up(wrapper.root)
        refs, commits = dict(stopped.refs), stopped.commits
        resolved = stopped.resolved
        # That was decided before the update stopped.
        unpaired = True
    return Request(first, refs, locations, unpaired, resolved, commits)


def _show(wrapper: "Wrapper", request: "Request") -> int:
    from .submodules import gitlink_diff
    from .summary import describe
    from .update import planned
    from .wrapper import diff

    with planned(wrapper, request) as plan:
        patch = b"".join(map(gitlink_diff, plan.gitlinks)) + diff(
            wrapper.root, plan.new
        )
    print(describe(plan), file=sys.stderr)
    sys.stdout.buffer.write(patch)
    return int(bool(plan))


def _write(wrapper: "Wrapper", request: "Request", commit: bool) -> bool:
    """Carry the update out and tell whether it changed something."""
    from . import commits, conflicts
    from .summary import describe, message
    from .update import planned
    from .vendoring import ConflictError

    try:
        with planned(wrapper, request) as plan:
            if plan:
                with step("writing"):
                    _replace(wrapper, plan)
    except ConflictError as error:
        folder = conflicts.stage(wrapper.root, error, error.revisions, request.resolved)
        raise UserError(
            error.message,
            where=error.where,
            hint=f"put each hunk of a .rej file in {folder} into the file beside it and "
            "remove the .rej file; then: mlxport sync update --continue",
        ) from None
    conflicts.give_up(wrapper.root)
    print(describe(plan))
    made = commits.commit(wrapper, plan.written, message(plan)) if commit else None
    if made:
        print(f"committed as {made[:12]}")
    elif not plan:
        print("nothing to do")
    return bool(plan or made)


def _replace(wrapper: "Wrapper", plan: "Plan") -> None:
    from . import submodules, transaction

    new = dict(plan.new)
    checkouts = []
    for link in plan.gitlinks:
        revision = next(r for r in plan.revisions.values() if r.commit == link.after)
        submodules.bring(wrapper, link, revision)
        checkouts.append(transaction.Checkout(str(link.path), link.before, link.after))
    if plan.gitlinks:
        index, content = submodules.staged_index(wrapper, plan.gitlinks)
        new[PurePosixPath(index)] = content
    transaction.replace(wrapper.root, new, checkouts)
