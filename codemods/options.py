"""The options that `migrate` and `lint` share, and what they come to."""

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError

if TYPE_CHECKING:
    from .files import Found
    from .registry import Recipe


@dataclass(frozen=True)
class Run:
    """Files, the recipes to run on them, and whether a release was asked for."""

    files: "list[Found]"
    recipes: "list[Recipe]"
    # Without one, a project's metadata says which edits it can take.
    has_target: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the paths and what chooses recipes."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file or folder")
    parser.add_argument(
        "--to",
        metavar="VERSION",
        help="the oldest MLX that the code shall run on (default: what the project's "
        "metadata asks for, else the newest)",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="VERSION",
        help="leave out what is older than VERSION or came with it",
    )
    parser.add_argument(
        "--select",
        metavar="RECIPE",
        action="append",
        help="run only this recipe; can be repeated",
    )
    parser.add_argument(
        "--ignore",
        metavar="RECIPE",
        action="append",
        help="do not run this recipe; can be repeated",
    )


def chosen(args: argparse.Namespace) -> Run:
    """Return what the options and the settings of the project ask for."""
    from .files import find_files
    from .formats import format_names
    from .registry import select_recipes
    from .settings import find_settings
    from .versions import NEWEST, known_release

    if args.format not in format_names():
        known = ", ".join(format_names())
        raise UserError(
            f"--format: no format {args.format!r}", hint=f"formats are {known}"
        )
    settings = find_settings(args.paths)
    to, start = args.to or settings.to, args.start or settings.start
    target = known_release(to or NEWEST, "--to")
    first = known_release(start, "--from") if start else None
    if first is not None and first > target:
        raise UserError(f"--from {start} is newer than --to {to or NEWEST}")
    recipes = select_recipes(
        [plain(name) for name in args.select or settings.select],
        [plain(name) for name in args.ignore or settings.ignore],
        first,
        target,
    )
    files = find_files(args.paths, settings.exclude, settings.folder)
    return Run(files, recipes, has_target=to is not None)


def plain(name: str) -> str:
    """Return the name of a recipe: options and rules write `quantization-mode`, too."""
    return name.replace("-", "_")
