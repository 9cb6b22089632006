"""`mlxport sync diff`: arguments and printing."""

import argparse
from typing import TYPE_CHECKING

from mlxport.cli.progress import step

from .configuration_options import add_configurations

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EPILOG = """\
examples:
  mlxport sync diff v0.28.0 v0.29.1 --upstream https://github.com/ml-explore/mlx
  mlxport sync diff v0.5.0 v0.6.0 --upstream ../mlx-c --format markdown

exit codes: 0 compared, whatever differs, 2 bad input
"""


def register(commands: "Commands") -> None:
    """Add `diff` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "diff",
        help="tell what changes between two upstream versions",
        description="Compare what two versions of upstream compile, define, ask for and "
        "offer: files,\ngenerated files, kernels, defines, dependencies and C++ standard of "
        "each configuration,\nand the functions of Python, C++ and C. The recipes of "
        "`mlxport migrate` that carry\ncode over a change are named beside it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, what in (("before", "older"), ("after", "newer")):
        parser.add_argument(
            name,
            metavar="A" if name == "before" else "B",
            help=f"the {what} tag, branch or full commit name",
        )
    parser.add_argument(
        "--upstream",
        required=True,
        metavar="PATH_OR_URL",
        help="the git repository of MLX or mlx-c: a folder, or an https or file URL",
    )
    add_configurations(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="(text)"
    )
    parser.set_defaults(handler=_diff)


def _diff(args: argparse.Namespace) -> int:
    from . import comparisons, configuration, upstream
    from .comparison import compare

    configurations = configuration.load(args.config, configuration.settings(args.set))
    revisions = []
    for ref in (args.before, args.after):
        with step(f"reading {ref}"):
            revisions.append(upstream.resolve(args.upstream, ref))
    before, after = revisions
    # Which recipes there are, the part that has them tells the command line.
    comparison = compare(before, after, configurations, args.recipes)
    print(comparisons.load(args.format).render(comparison))
    return 0
