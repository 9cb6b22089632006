"""`mlxport sync lists`: arguments and printing."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from mlxport.cli.progress import step

from .configuration_options import add_configurations

if TYPE_CHECKING:
    from .filelists import FileLists
    from .upstream import Revision

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `lists` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "lists",
        help="print which files upstream compiles in each configuration",
        description="Evaluate upstream's unmodified CMake as if on another machine, and\n"
        "print the files that it compiles there. Needs no wrapper, compiler or Xcode.",
        epilog="example:\n"
        "  mlxport sync lists --upstream https://github.com/ml-explore/mlx --ref v0.31.1 \\\n"
        "      --config darwin-metal-jit --set macos_sdk=14.5 --format json\n\n"
        "environment:\n"
        "  MLXPORT_CACHE  keeps what was fetched from a URL in another folder\n"
        "  MLXPORT_CMAKE  is the cmake to run, 3.25 or newer",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--upstream",
        required=True,
        metavar="PATH_OR_URL",
        help="upstream's git repository: a folder, or an https or file URL",
    )
    parser.add_argument(
        "--ref", required=True, help="a tag, a branch or a full commit name"
    )
    add_configurations(parser)
    parser.add_argument(
        "--no-cross-check",
        action="store_true",
        help="trust one evaluation; by default a second, quick one must find the same",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="(text)"
    )
    parser.set_defaults(handler=_lists)


def _lists(args: argparse.Namespace) -> int:
    from . import configuration, upstream
    from .evaluation import cross_checked, evaluate
    from .temporary import temporary_folder

    configurations = configuration.load(args.config, configuration.settings(args.set))
    with step(f"reading {args.ref}"):
        revision = upstream.resolve(args.upstream, args.ref)
    found = []
    derive = evaluate if args.no_cross_check else cross_checked
    with temporary_folder() as folder:
        tree = folder / "tree"
        with step(f"reading the files of {args.ref}"):
            upstream.materialise(revision, tree)
        for chosen in configurations:
            with step(f"evaluating {chosen.name}"):
                found.append(derive(tree, chosen))
    found.sort(key=lambda lists: lists.config)
    if args.format == "json":
        document = {
            "ref": revision.ref,
            "commit": revision.commit,
            "configs": {lists.config: _as_json(lists) for lists in found},
        }
        print(json.dumps(document, indent=2))
    else:
        print("\n\n".join(_as_text(revision, lists) for lists in found))
    return 0


def _as_json(lists: "FileLists") -> dict[str, Any]:
    return {
        "sources": list(lists.paths),
        "generated": sorted(file.name for file in lists.generated),
        "defines": list(lists.defines),
        "standard": lists.standard,
        "dependencies": [
            {"name": d.name, "url": d.url, "ref": d.ref} for d in lists.dependencies
        ],
        "linked": {
            library.name: [source.path for source in library.sources]
            for library in lists.linked
        },
        "excluded_cuda": list(lists.excluded_cuda),
        "unused_options": list(lists.unused_options),
        "origins": {source.path: source.origin for source in lists.sources},
        "generated_from": [
            {
                "path": file.path,
                "origin": file.origin,
                "commands": [list(command) for command in file.commands],
                "depends": list(file.depends),
            }
            for file in lists.generated
        ],
    }


def _as_text(revision: "Revision", lists: "FileLists") -> str:
    fetched = [
        source.path
        for library in lists.linked
        for source in library.sources
        if source.path.startswith("<")
    ]
    sections = [
        ("sources", lists.paths),
        ("generated", [file.path for file in lists.generated]),
        ("compiled from dependencies", fetched),
        ("defines", lists.defines),
        (
            "dependencies",
            [f"{d.name} {d.url} {d.ref}".rstrip() for d in lists.dependencies],
        ),
    ]
    lines = [f"{lists.config} at {revision.ref} ({revision.commit[:12]})"]
    if lists.standard:
        lines.append(f"  standard: {lists.standard}")
    if lists.unused_options:
        lines.append(f"  options it does not have: {', '.join(lists.unused_options)}")
    for title, items in sections:
        lines.append(f"  {title}: {len(items)}")
        lines += [f"    {item}" for item in items]
    return "\n".join(lines)
