"""`mlxport sync generate`: arguments and printing."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    from .filelists import FileLists
    from .upstream import Revision

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

# The kernels of one, and the device headers of the other.
CONFIGURATIONS = ("darwin-metal-jit", "linux-cuda")

EPILOG = """\
examples:
  mlxport sync generate --upstream https://github.com/ml-explore/mlx --ref v0.31.1 \\
      --output generated
  mlxport sync generate --upstream ~/mlx --ref v0.31.1 --output Source/Cmlx/mlx-generated \\
      --kind metal-jit=. --kind cpu-preamble=. --kind metal-kernels=metal

kinds:
{kinds}

In a wrapper with an mlxport.toml, `mlxport sync update` makes what its table [generated]
names:
  [generated]
  metal-jit = "Source/Cmlx/mlx-generated"
  framework-headers = { folder = "Source/Cmlx/include-framework", module = "Cmlx" }

exit codes: 0 nothing to do, 1 files written or removed, 2 bad input
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Lists the kinds when help is asked for; loading them takes time."""

    def add_text(self, text: str | None) -> None:
        if text and "{kinds}" in text:
            from . import generators

            kinds = (
                f"  {name:<20} {generators.load(name).PURPOSE}"
                for name in generators.names()
            )
            text = text.replace("{kinds}", "\n".join(kinds))
        super().add_text(text)


def register(commands: "Commands") -> None:
    """Add `generate` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "generate",
        help="make the files that upstream's build generates, without its tools",
        description="Make the source files that upstream's build generates on a Mac with "
        "Xcode,\nbyte for byte, from any git repository and on any machine. Upstream's "
        "scripts are read\nand never run; no compiler is needed.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument(
        "--upstream",
        required=True,
        metavar="PATH_OR_URL",
        help="the git repository of mlx or mlx-c: a folder, or an https or file URL",
    )
    parser.add_argument(
        "--ref", required=True, help="a tag, a branch or a full commit name"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="FOLDER", help="where to write"
    )
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND[=FOLDER]",
        help="a kind of files, and a folder for them in the output (KIND); may be "
        "repeated (all that upstream has)",
    )
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="NAME",
        help="a configuration, or a .toml file of your own; may be repeated "
        f"({' and '.join(CONFIGURATIONS)})",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a parameter or option of the configurations; may be repeated",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="overwrite files that mlxport did not make, or that were changed since",
    )
    parser.set_defaults(handler=_generate)


def _generate(args: argparse.Namespace) -> int:
    from . import generators, outputfolder, upstream
    from .generation import generate
    from .temporary import temporary_folder

    asked = dict(_kind(text) for text in args.kind)
    folders = asked or {name: PurePosixPath(name) for name in generators.names()}
    with step(f"reading {args.ref}"):
        revision = upstream.resolve(args.upstream, args.ref)
    with temporary_folder() as scratch:
        tree = scratch / "tree"
        with step(f"reading the files of {args.ref}"):
            upstream.materialise(revision, tree)
        lists = _lists(args, tree, tuple(folders))
        with step("making the files"):
            made = generate(tree, lists, {kind: {} for kind in folders})
    contents: dict[str, bytes] = {}
    for kind, files in made.items():
        if not files and kind in asked:
            raise _nothing(kind, revision)
        for file in files:
            path = str(folders[kind] / file.path)
            if path in contents:
                raise UserError(
                    f"two kinds make {path}", hint="give them different folders"
                )
            contents[path] = file.content
    if not contents:
        raise UserError(
            f"has no generated files of a kind that mlxport makes at {revision.ref}",
            where=revision.location,
        )
    with step("writing"):
        done = outputfolder.write(args.output, contents, force=args.force)
    for verb, paths in (("wrote", done.written), ("removed", done.removed)):
        for path in paths:
            print(f"{verb} {path}")
    print(
        f"{revision.ref} ({revision.commit[:12]}): {len(contents)} files made, "
        f"{len(done.written)} written and {len(done.removed)} removed in {args.output}",
        file=sys.stderr,
    )
    return int(bool(done.written or done.removed))


def _kind(text: str) -> tuple[str, PurePosixPath]:
    from .generation import check_kind

    name, equals, folder = text.partition("=")
    check_kind(name)
    path = PurePosixPath(folder if equals else name)
    if path.is_absolute() or ".." in path.parts or (equals and not folder):
        raise UserError(
            f"{folder!r} is no folder in the output",
            hint=f"for example: --kind {name}=.",
        )
    return name, path


def _lists(
    args: argparse.Namespace, tree: Path, kinds: Sequence[str]
) -> "list[FileLists]":
    from . import configuration
    from .evaluation import evaluate
    from .generation import needs_lists

    changed = configuration.settings(args.set)
    chosen = configuration.load(args.config or CONFIGURATIONS, changed)
    if not needs_lists(tree, kinds):
        return []
    found = []
    for one in chosen:
        with step(f"evaluating {one.name}"):
            found.append(evaluate(tree, one))
    return found


def _nothing(kind: str, revision: "Revision") -> UserError:
    from . import generators

    generator = generators.load(kind)
    return UserError(
        f"has no {kind} at {revision.ref} in these configurations",
        where=revision.location,
        hint=f"{kind} are {generator.PURPOSE}, of an upstream with {generator.SIGN}",
    )
