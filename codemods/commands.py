"""`mlxport migrate` and `mlxport recipes`, and the registration of the other commands."""

import argparse
import sys
import textwrap
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import lint_command
from .options import add_options, chosen, plain
from .printing import FAILED, FOUND, NOTHING, print_changes, print_errors, print_reviews

if TYPE_CHECKING:
    from .registry import Recipe

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


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
    """Add `migrate`, `lint` and `recipes` to the command line."""
    migrate = commands.add_parser(
        "migrate",
        help="migrate Python code to a release of MLX",
        description=MIGRATE,
        epilog=MIGRATE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(migrate)
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
        "--allow-dirty",
        action="store_true",
        help="with --write: also edit files with changes that are not committed",
    )
    migrate.add_argument(
        "--format",
        metavar="FORMAT",
        default="text",
        help="text (a diff), json (an entry for each place), sarif or github",
    )
    migrate.set_defaults(handler=migrate_paths)

    lint_command.register(commands)
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
    from .formats import load_format
    from .migration import migrate_files
    from .uncommitted import refuse_uncommitted
    from .writing import recover, replace_files

    for name in recover():
        print(f"{name}: restored, a run was killed while writing", file=sys.stderr)

    run = chosen(args)
    with step(f"migrating {len(run.files)} files"):
        outcomes = migrate_files(run.files, run.recipes, has_target=run.has_target)
    changed = [outcome for outcome in outcomes if outcome.changed]
    if args.action == "write":
        if not args.allow_dirty:
            refuse_uncommitted([outcome.file for outcome in changed])
        replace_files({o.file.path: (o.before, o.after) for o in changed})
    if args.action != "write" or args.format != "text":
        sys.stdout.flush()
        sys.stdout.buffer.write(load_format(args.format)(outcomes, editing=True))
    print_reviews(outcomes)
    failed = print_errors(outcomes)
    print_changes(outcomes, written=args.action == "write")
    if failed:
        return FAILED
    return FOUND if changed else NOTHING


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
    name = plain(args.name)
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
