"""`mlxport migrate` and `mlxport recipes`: arguments and printing."""

import argparse
import sys
import textwrap
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    from .migration import Outcome
    from .registry import Recipe

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

NOTHING, CHANGED, FAILED = 0, 1, 2

MIGRATE = """\
Migrate Python code to a release of MLX. Prints a diff and writes nothing unless --write
is given. Folders are searched for *.py files that git does not ignore.

exit codes: 0 nothing to do, 1 changed or would change something, 2 bad input
"""
MIGRATE_EXAMPLES = """\
examples:
  mlxport migrate . --to 0.29.1             what would change, and what is left to you
  mlxport migrate . | git apply             change it
  mlxport migrate src tests --write         change it, without git
  mlxport migrate --check . > /dev/null     fail if anything is left to migrate, for CI
  mlxport migrate . --select metal_memory   one recipe only (`mlxport recipes` lists them)
"""
RECIPES_EXAMPLES = """\
examples:
  mlxport recipes                     all of them, with the release they belong to
  mlxport recipes quantization_mode   what one does, before and after
"""


def register(commands: "Commands") -> None:
    """Add `migrate` and `recipes` to the command line."""
    migrate = commands.add_parser(
        "migrate",
        help="migrate Python code to a release of MLX",
        description=MIGRATE,
        epilog=MIGRATE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    migrate.add_argument("paths", metavar="PATH", nargs="+", help="a file or folder")
    migrate.add_argument(
        "--to",
        metavar="VERSION",
        help="the oldest MLX that the code shall run on (default: newest)",
    )
    migrate.add_argument(
        "--from",
        dest="start",
        metavar="VERSION",
        help="leave out what is older than VERSION or came with it",
    )
    migrate.add_argument(
        "--select",
        metavar="RECIPE",
        action="append",
        default=[],
        help="run only this recipe; can be repeated",
    )
    migrate.add_argument(
        "--ignore",
        metavar="RECIPE",
        action="append",
        default=[],
        help="do not run this recipe; can be repeated",
    )
    action = migrate.add_mutually_exclusive_group()
    action.add_argument(
        "--diff",
        dest="action",
        action="store_const",
        const="diff",
        default="diff",
        help="print a diff (default)",
    )
    action.add_argument(
        "--check",
        dest="action",
        action="store_const",
        const="check",
        help="the same, said for CI",
    )
    action.add_argument(
        "--write",
        dest="action",
        action="store_const",
        const="write",
        help="change the files, print nothing",
    )
    migrate.add_argument(
        "--format",
        metavar="FORMAT",
        default="text",
        help="text (a diff) or json (an entry for each place)",
    )
    migrate.set_defaults(handler=migrate_paths)

    recipes = commands.add_parser(
        "recipes",
        help="list the recipes of migrate, or explain one",
        description="List the recipes that `mlxport migrate` runs, or explain one of them.",
        epilog=RECIPES_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    recipes.add_argument(
        "name", metavar="NAME", nargs="?", help="the recipe to explain"
    )
    recipes.set_defaults(handler=show_recipes)


def migrate_paths(args: argparse.Namespace) -> int:
    """Run `mlxport migrate`."""
    from .files import find_files
    from .formats import format_names, load_format
    from .migration import migrate_files
    from .registry import select_recipes
    from .source import replace_files
    from .versions import NEWEST, known_release

    if args.format not in format_names():
        known = ", ".join(format_names())
        raise UserError(
            f"--format: no format {args.format!r}", hint=f"formats are {known}"
        )
    target = known_release(args.to or NEWEST, "--to")
    start = known_release(args.start, "--from") if args.start else None
    if start is not None and start > target:
        raise UserError(f"--from {args.start} is newer than --to {args.to or NEWEST}")
    selected, ignored = map(_plain, args.select), map(_plain, args.ignore)
    recipes = select_recipes(selected, ignored, start, target)
    files = find_files(args.paths)
    with step(f"migrating {len(files)} files"):
        outcomes = migrate_files(files, recipes)
    if args.action == "write":
        replace_files({o.file.path: (o.before, o.after) for o in outcomes if o.changed})
    if args.action != "write" or args.format != "text":
        sys.stdout.flush()
        sys.stdout.buffer.write(load_format(args.format)(outcomes))
    return _report(outcomes, args.action)


def _report(outcomes: "list[Outcome]", action: str) -> int:
    """Say on stderr what is left to a person and what was done; return the exit code."""
    for outcome in outcomes:
        for finding in outcome.findings:
            if finding.action == "review":
                place = f"{outcome.file.name}:{finding.line}"
                print(
                    f"{place}: review: {finding.reason} [{finding.recipe}]",
                    file=sys.stderr,
                )
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        print(f"error: {outcome.file.name}: {outcome.error}", file=sys.stderr)
    changed = sum(outcome.changed for outcome in outcomes)
    verb = "would change" if changed and action != "write" else "changed"
    print(f"{verb} {_count(changed, 'file')}", file=sys.stderr)
    reviews = sum(
        f.action == "review" for outcome in outcomes for f in outcome.findings
    )
    if reviews:
        print(f"{_count(reviews, 'place')} left to review", file=sys.stderr)
    if failed:
        print(f"{_count(len(failed), 'file')} could not be read", file=sys.stderr)
        return FAILED
    return CHANGED if changed else NOTHING


def show_recipes(args: argparse.Namespace) -> int:
    """Run `mlxport recipes`."""
    from .registry import all_recipes

    known = all_recipes()
    if args.name is None:
        width = max(map(len, known))
        for recipe in known.values():
            print(f"{recipe.name:{width}}  {recipe.summary}")
            print(f"{'':{width}}  since MLX {recipe.since}, {recipe.severity}")
        return NOTHING
    name = _plain(args.name)
    if name not in known:
        raise UserError(
            f"no recipe {args.name!r}", hint=f"recipes are {', '.join(known)}"
        )
    print(_explained(known[name]))
    return NOTHING


def _explained(recipe: "Recipe") -> str:
    parts = [recipe.doc, f"Since MLX {recipe.since}, {recipe.severity}."]
    for title, (before, after) in recipe.examples.items():
        parts.append(f"{title}:" if before != after else f"{title} (left alone):")
        parts.append(textwrap.indent(before, "    ").rstrip())
        if before != after:
            parts += ["  becomes", textwrap.indent(after, "    ").rstrip()]
    return f"{recipe.name}\n\n" + "\n\n".join(parts)


def _plain(name: str) -> str:
    # `quantization-mode` is how options and rule names are written elsewhere.
    return name.replace("-", "_")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
